import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { axeFile, type Browser, type Page } from '../../../apps/appstore/test/support/chromium.ts'

export type { Page } from '../../../apps/appstore/test/support/chromium.ts'

const repository = join(import.meta.dirname, '../../..')
const desk = { width: 1280, height: 800 }
const phone = { width: 360, height: 740 }

/** What the daemon says of itself. */
export interface Served {
  readonly url: string
  readonly account: string
  readonly password: string
}

/** What chapters of the test share. */
export interface Scene {
  readonly served: Served
  /** A page that is logged in, from the first chapter to the last. */
  readonly page: Page
  /** What browsers complained about: scripts that fail, and what the content security policy refuses. */
  readonly complaints: string[]
  openPage(options?: Opening): Promise<Page>
}

export interface Opening {
  readonly isPhone?: boolean
  readonly account?: string
  readonly password?: string
  /** Whether it is without the content security policy, which would hide that something else fails. */
  readonly withoutPolicy?: boolean
}

/** Starts the daemon as it is started to be tried out, with the page as it is built now. */
export async function startStore(state: string, catalog: string): Promise<readonly [ChildProcess, Served]> {
  const run = (...args: readonly string[]): ChildProcess => {
    // What tap puts into the environment of children makes every Node below write into the repository.
    const plain = ['-i', `PATH=${process.env.PATH}`, 'HOME=/root', process.execPath, '--conditions=@broker/source']
    return spawn('env', [...plain, ...args], { cwd: repository, stdio: ['ignore', 'pipe', 'inherit'] })
  }
  const [status] = await once(run('apps/appstore/scripts/build-page.ts'), 'exit')
  if (status !== 0) throw new Error('the page is not built')
  const serve = ['serve', '--lab', '--state', state, '--catalog', catalog, '--port', '0', '--json']
  const daemon = run('apps/appstore/src/cli/main.ts', ...serve)
  for await (const line of createInterface(daemon.stdout as NonNullable<ChildProcess['stdout']>)) {
    return [daemon, JSON.parse(line) as Served]
  }
  throw new Error('the daemon has ended')
}

/** A browser's pages of the store, and what goes wrong in them. */
export function pagesOf(browser: Browser, served: Served): Omit<Scene, 'page'> {
  const complaints: string[] = []
  const openPage = async ({ isPhone, withoutPolicy, ...as }: Opening = {}): Promise<Page> => {
    const context = await browser.newContext({
      ignoreHTTPSErrors: true,
      viewport: isPhone ? phone : desk,
      reducedMotion: 'reduce',
      bypassCSP: withoutPolicy === true,
    })
    const page = await context.newPage()
    page.setDefaultTimeout(30_000)
    page.on('console', message => {
      // Wrong inputs and ended sessions are answered so, and belong to the test.
      const isAnswer = /the server responded with a status of (?:401|422) /.test(message.text())
      if (['error', 'warning'].includes(message.type()) && !isAnswer) complaints.push(message.text())
    })
    page.on('pageerror', error => complaints.push(String(error.stack)))
    page.on('dialog', dialog => {
      complaints.push(`a dialog of a script: ${dialog.message()}`)
      void dialog.dismiss()
    })
    await page.goto(served.url)
    await page.getByLabel('Account').fill(as.account ?? served.account)
    await page.getByLabel('Password').fill(as.password ?? served.password)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('heading', { name: 'Catalog' }).waitFor()
    return page
  }
  return { served, complaints, openPage }
}

/** Goes to a view as a link would, and waits until it has what it shows. */
export async function goTo(page: Page, view: string): Promise<void> {
  await page.evaluate(`location.hash = '#/${view}'`)
  await page.locator('h1').waitFor()
  await page.locator('.waiting').first().waitFor({ state: 'detached' })
}

/** Waits for the job on the page to end, well unless said otherwise. */
export async function jobEnds(page: Page, title: RegExp, wanted = 'Succeeded'): Promise<void> {
  await page.getByRole('heading', { level: 1, name: title }).waitFor()
  const state = page.locator('main .badge', { hasText: /Succeeded|Failed|Cancelled/ }).first()
  await state.waitFor({ timeout: 60_000 })
  if ((await state.textContent()) !== wanted) throw new Error(`${await page.locator('main').textContent()}`)
}

/** From the page of a job to that of its install. */
export const toInstall = (page: Page): Promise<void> => page.getByRole('link', { name: 'The install' }).click()

/** What axe-core finds wrong with the page as it is now; in `colours` alone, or in everything. */
export async function violations(page: Page, only?: 'colours'): Promise<readonly string[]> {
  // By the debugger's way: the policy of the page refuses it as a script of the page.
  await page.evaluate(`globalThis.axe ?? (() => { ${readFileSync(axeFile, 'utf8')} })(); undefined`)
  const options = only === undefined ? '{}' : "{ runOnly: ['color-contrast'] }"
  return await page.evaluate(
    `axe.run(${options}).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`,
  )
}

/** Guests of the lab are on the network of this machine. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}
