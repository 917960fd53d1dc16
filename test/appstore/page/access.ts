import type { Test } from 'tap'
import { freePort, goTo, jobEnds, type Page, type Scene, violations } from './scene.ts'

const views = [
  ...['apps', 'apps/notes', 'installs', 'jobs', 'stacks', 'stacks/web-pair', 'sources'],
  ...['declaration', 'audit', 'doctor', 'settings', 'nowhere'],
]

/** From the catalog to an app that runs, and away again, without a mouse. */
export async function keyboardAlone(t: Test, { page }: Scene): Promise<void> {
  await goTo(page, 'apps')
  const focused = (): Promise<string> =>
    page.evaluate('(({ labels, textContent }) => labels?.[0]?.textContent || textContent)(document.activeElement)')
  const tabTo = async (name: RegExp): Promise<void> => {
    for (let n = 0; n < 60; n++) {
      if (name.test(await focused())) return
      await page.keyboard.press('Tab')
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
  await tabTo(/^Port/)
  await page.keyboard.press('Control+A')
  await page.keyboard.type(String(await freePort()))
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'What would be done for typed' }).waitFor()
  t.match(await focused(), 'What would be done for typed', 'the answer has the focus')
  await tabTo(/I agree/)
  await page.keyboard.press('Space')
  await tabTo(/^Install$/)
  await page.keyboard.press('Enter')
  await jobEnds(page, /^Install typed/)
  t.match(await focused(), 'Install typed', 'the heading of the job has the focus')
  await tabTo(/^The install$/)
  await page.keyboard.press('Enter')
  await page.getByText('Running', { exact: true }).waitFor()
  await tabTo(/^Uninstall$/)
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  t.equal(await focused(), 'Uninstall', 'the focus is where it was')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await tabTo(/^Type typed/)
  await page.keyboard.type('typed')
  await page.keyboard.press('Enter')
  await jobEnds(page, /^Uninstall/)
}

async function isFine(t: Test, page: Page, view: string): Promise<void> {
  await page.emulateMedia({ colorScheme: 'light' })
  t.same(await violations(page), [], `${view}, light`)
  await page.emulateMedia({ colorScheme: 'dark' })
  t.same(await violations(page, 'colours'), [], `${view}, dark`)
  t.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), `${view} is not too wide`)
}

/** All views, those of an install and of a job too, and the login. */
export async function everyView(t: Test, { openPage }: Scene): Promise<void> {
  const page = await openPage({ isPhone: true })
  for (const view of views) {
    await goTo(page, view)
    await isFine(t, page, view)
  }
  const current = page.locator('nav [aria-current]')
  await goTo(page, 'settings')
  const { x = -1, width = 0 } = (await current.boundingBox()) ?? {}
  t.ok(x >= 0 && x + width <= 360, 'the section that is shown is in sight')
  await goTo(page, 'installs')
  await page.getByRole('link', { name: 'safe' }).click()
  await page.getByRole('heading', { level: 1, name: 'safe' }).waitFor()
  await isFine(t, page, 'an install')
  await page.getByRole('link', { name: 'Upgrade', exact: true }).last().click()
  await page.getByRole('heading', { level: 1, name: /^Upgrade/ }).waitFor()
  await isFine(t, page, 'a job')
  await page.getByRole('button', { name: 'Log out' }).click()
  await page.getByRole('heading', { name: 'Log in' }).waitFor()
  await isFine(t, page, 'the login')
  await page.context().close()
}
