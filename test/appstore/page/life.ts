import type { Test } from 'tap'
import { freePort, jobEnds, type Page, type Scene, toInstall, violations } from './scene.ts'

/** What the app serves, by the link on the page of its install. */
async function ofApp(page: Page): Promise<string> {
  const target = await page.getByRole('link', { name: /^http:/ }).getAttribute('href')
  return await (await fetch(target ?? '')).text()
}

/** From the catalog to an app that answers. */
export async function installApp(t: Test, { page }: Scene): Promise<void> {
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
  await toInstall(page)
  await page.getByText('Running', { exact: true }).waitFor()
  t.match(await ofApp(page), 'Good day')
}

/** A shell in the guest. */
export async function openTerminal(t: Test, { page, complaints }: Scene): Promise<void> {
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
}

/** The guest's own log, and an input that changes what the app serves. */
export async function readLog(t: Test, { page }: Scene): Promise<void> {
  await page.getByRole('button', { name: 'Open the log' }).click()
  await page.getByRole('log').locator('div').first().waitFor()
  await page.getByRole('button', { name: 'Reconfigure' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Greeting').fill('Good night')
  await dialog.getByRole('button', { name: 'Reconfigure' }).click()
  await jobEnds(page, /^Reconfigure hello/)
  await toInstall(page)
  t.match(await ofApp(page), 'Good night')
}

/** Off and on, and away. */
export async function stopAndUninstall(t: Test, { page }: Scene): Promise<void> {
  await page.getByRole('button', { name: 'Stop', exact: true }).click()
  await jobEnds(page, /^Stop/)
  await toInstall(page)
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await jobEnds(page, /^Start/)
  await toInstall(page)
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
}
