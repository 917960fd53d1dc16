import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'
import {
  axeFile,
  type Browser,
  browserMissing,
  type Page,
  startBrowser,
} from '../../apps/appstore/test/support/chromium.ts'

const skip = browserMissing() ?? false
const repository = join(import.meta.dirname, '../..')
const phone = { width: 360, height: 740 }
const views = [
  ...['apps', 'apps/notes', 'installs', 'jobs', 'stacks', 'stacks/web-pair', 'sources', 'declaration', 'audit'],
  ...['doctor', 'settings', 'nowhere'],
]

interface Served {
  readonly url: string
  readonly account: string
  readonly password: string
}

/** The daemon as it is started to be tried out, with the page as it is built now. */
async function startStore(state: string): Promise<readonly [ChildProcess, Served]> {
  const run = (...args: readonly string[]): ChildProcess =>
    // What tap puts into the environment of children makes every Node below write into the repository.
    spawn(
      'env',
      ['-i', `PATH=${process.env.PATH}`, 'HOME=/root', process.execPath, '--conditions=@broker/source', ...args],
      {
        cwd: repository,
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
  const [status] = await once(run('apps/appstore/scripts/build-page.ts'), 'exit')
  if (status !== 0) throw new Error('the page is not built')
  const daemon = run('apps/appstore/src/cli/main.ts', 'serve', '--lab', '--state', state, '--port', '0', '--json')
  for await (const line of createInterface(daemon.stdout as NonNullable<ChildProcess['stdout']>)) {
    return [daemon, JSON.parse(line) as Served]
  }
  throw new Error('the daemon has ended')
}

/** Guests of the lab are on the network of this machine. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}

let browser: Browser
let served: Served
/** What a browser complains about: scripts that fail, and what the content security policy refuses. */
const complaints: string[] = []

async function openPage(options: { readonly isPhone?: boolean } = {}): Promise<Page> {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: options.isPhone ? phone : { width: 1280, height: 800 },
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', error => complaints.push(String(error.stack)))
  await page.goto(served.url)
  await page.getByLabel('Account').fill(served.account)
  await page.getByLabel('Password').fill(served.password)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('heading', { name: 'Catalog' }).waitFor()
  return page
}

/** Waits for the job on the page to end well. */
async function jobEnds(page: Page, title: RegExp): Promise<void> {
  await page.getByRole('heading', { level: 1, name: title }).waitFor()
  const state = page.locator('main .badge', { hasText: /Succeeded|Failed|Cancelled/ }).first()
  await state.waitFor({ timeout: 60_000 })
  if ((await state.textContent()) !== 'Succeeded') throw new Error(`${await page.locator('main').textContent()}`)
}

/** What axe-core finds wrong with the page as it is now. */
async function violations(page: Page): Promise<readonly string[]> {
  // By the debugger's way: the policy of the page refuses it as a script of the page.
  await page.evaluate(`${readFileSync(axeFile, 'utf8')}; undefined`)
  return await page.evaluate(
    `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`,
  )
}

t.test('the page of the app store, in a browser', { skip, timeout: 240_000 }, async t => {
  const state = mkdtempSync(join(tmpdir(), 'appstore-page-'))
  const [daemon, found] = await startStore(state)
  served = found
  browser = await startBrowser()
  t.teardown(async () => {
    await browser.close()
    daemon.kill('SIGTERM')
    if (daemon.exitCode === null) await once(daemon, 'exit')
    rmSync(state, { recursive: true, force: true })
  })
  const page = await openPage()

  await t.test('an app is found, agreed to and installed, and its own page opens', async t => {
    await page.getByLabel('Search').fill('greeting')
    await page.getByText('1 app', { exact: true }).waitFor()
    await page.getByRole('link', { name: 'Hello Web' }).click()
    await page.getByLabel('Name').fill('hello')
    await page.getByLabel('Greeting').fill('Good day')
    await page.getByLabel('Port').fill(String(await freePort()))
    await page.getByRole('button', { name: 'See what would be done' }).click()
    await page.getByText(/\d+ calls and commands/).click()
    t.match(await page.locator('.actions').textContent(), /POST \/nodes\/\w+\/lxc/)
    const install = page.getByRole('button', { name: 'Install', exact: true })
    t.equal(await install.isDisabled(), true, 'nothing is installed without consent')
    await page.getByLabel('I agree to all of it').check()
    await install.click()
    await jobEnds(page, /^Install hello$/)
    t.match(await page.getByRole('log').textContent(), /The guest has the address/)
    t.same(await violations(page), [], 'the page of a job')
    await page.getByRole('link', { name: 'The install' }).click()
    await page.getByText('Running', { exact: true }).waitFor()
    const target = await page.getByRole('link', { name: /^http:/ }).getAttribute('href')
    t.match(await (await fetch(target ?? '')).text(), 'Good day')
  })

  await t.test('a terminal runs what is typed', async t => {
    await page.getByRole('button', { name: 'Open a terminal' }).click()
    await page.getByText('Connected').waitFor()
    await page.keyboard.type('echo $((6*7))-is-it\n')
    await page.locator('.xterm-rows', { hasText: '42-is-it' }).waitFor()
    t.same(await violations(page), [], 'the page of an install with a terminal')
    await page.locator('.xterm-helper-textarea').focus()
    await page.keyboard.press('Control+Shift+Escape')
    await page.keyboard.press('Enter')
    await page.locator('.terminal').first().waitFor({ state: 'detached' })
    t.same(complaints, [])
  })

  await t.test('the log of the guest is shown, and a setting is changed in place', async t => {
    await page.getByRole('button', { name: 'Open the log' }).click()
    await page.getByRole('log').locator('div').first().waitFor()
    await page.getByRole('button', { name: 'Reconfigure' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Greeting').fill('Good night')
    await dialog.getByRole('button', { name: 'Reconfigure' }).click()
    await jobEnds(page, /^Reconfigure hello/)
    await page.getByRole('link', { name: 'The install' }).click()
    const target = await page.getByRole('link', { name: /^http:/ }).getAttribute('href')
    t.match(await (await fetch(target ?? '')).text(), 'Good night')
  })

  await t.test('the guest is stopped and started, and uninstalled by its name', async t => {
    const back = (): Promise<void> => page.getByRole('link', { name: 'The install' }).click()
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    await jobEnds(page, /^Stop/)
    await back()
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await jobEnds(page, /^Start/)
    await back()
    await page.getByRole('button', { name: 'Uninstall' }).click()
    const dialog = page.getByRole('dialog')
    t.same(await violations(page), [], 'a dialog')
    await dialog.getByLabel('Type hello to confirm').fill('hell')
    await dialog.getByRole('button', { name: 'Uninstall' }).click()
    await dialog.getByRole('alert').waitFor()
    await dialog.getByLabel('Type hello to confirm').fill('hello')
    await dialog.getByRole('button', { name: 'Uninstall' }).click()
    await jobEnds(page, /^Uninstall/)
    await page.getByRole('link', { name: 'Installed' }).click()
    await page.getByText('Nothing is installed yet').waitFor()
  })

  await t.test('the keyboard alone goes from the catalog to what an install would do', async t => {
    await page.goto(`${served.url}/#/apps`)
    await page.getByRole('heading', { name: 'Catalog' }).waitFor()
    const focused = (): Promise<string> =>
      page.evaluate('(({ labels, textContent }) => labels?.[0]?.textContent || textContent)(document.activeElement)')
    const tabTo = async (name: RegExp): Promise<void> => {
      for (let n = 0; n < 60; n++) {
        await page.keyboard.press('Tab')
        if (name.test(await focused())) return
      }
      throw new Error(`Tab does not come to ${name}`)
    }
    await tabTo(/^Search/)
    await page.keyboard.type('greeting')
    await page.getByText('1 app', { exact: true }).waitFor()
    await tabTo(/^Hello Web$/)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Hello Web', level: 1 }).waitFor()
    await tabTo(/^Name/)
    await page.keyboard.type('typed')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'What would be done for typed' }).waitFor()
    t.match(await focused(), 'What would be done for typed', 'the answer has the focus')
    await tabTo(/I agree/)
    await page.keyboard.press('Space')
    await tabTo(/^Install$/)
  })

  await t.test('a checker of accessibility finds nothing, nor is anything too wide for a telephone', async t => {
    const small = await openPage({ isPhone: true })
    for (const view of views) {
      await small.evaluate(`location.hash = '#/${view}'`)
      await small.locator('h1').waitFor()
      await small.locator('.waiting').first().waitFor({ state: 'detached' })
      for (const colours of ['light', 'dark'] as const) {
        await small.emulateMedia({ colorScheme: colours })
        t.same(await violations(small), [], `${view}, ${colours}`)
      }
      t.ok(await small.evaluate('document.documentElement.scrollWidth <= innerWidth'), `${view} is not too wide`)
    }
    await small.context().close()
  })

  t.same(complaints, [], 'nothing was refused by the content security policy, and no script failed')
})
