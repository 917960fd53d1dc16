import type { Test } from 'tap'
import { goTo, jobEnds, type Scene, toInstall } from './scene.ts'

const word = 'seen-by-nobody-4711'

/** A secret is typed once; afterwards the page has it only when somebody asks for it. */
export async function secretInput(t: Test, { page }: Scene): Promise<void> {
  await goTo(page, 'apps/vault')
  await page.getByLabel('Name').fill('safe')
  const secret = page.getByLabel('Word', { exact: false }).first()
  t.equal(await secret.getAttribute('type'), 'password')
  await page.getByRole('button', { name: 'Make one up for Word' }).click()
  t.match(await secret.inputValue(), /^[A-Za-z2-9]{24}$/)
  await secret.fill(word)
  await page.getByRole('button', { name: 'See what would be done' }).click()
  await page.getByText(/\d+ calls and commands/).click()
  t.notMatch(await page.locator('.actions').textContent(), word)
  await page.getByLabel('I agree to all of it').check()
  await page.getByRole('button', { name: 'Install', exact: true }).click()
  await jobEnds(page, /^Install safe$/)
  await page.getByLabel('Least level').selectOption('debug')
  t.notMatch(await page.content(), word, 'the page of the job')
  await toInstall(page)
  const show = page.getByRole('button', { name: 'Show word' })
  await show.waitFor()
  await page.getByRole('button', { name: 'Reconfigure' }).click()
  const dialog = page.getByRole('dialog')
  t.equal(await dialog.getByLabel('Word').first().inputValue(), '')
  t.notMatch(await page.content(), word, 'the page of the install')
  await dialog.getByLabel('Motto').fill('onwards')
  await dialog.getByRole('button', { name: 'Reconfigure' }).click()
  await jobEnds(page, /^Reconfigure safe/)
  await toInstall(page)
  await show.click()
  await page.getByText(word).waitFor()
  await page.getByRole('button', { name: 'Hide word' }).click()
  t.notMatch(await page.content(), word, 'hidden again, and as it was before')
}

/** A disk grows, and a backup is made. */
export async function resizeAndBackup(t: Test, { page }: Scene): Promise<void> {
  await page.getByRole('button', { name: 'Grow a disk' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Disk').selectOption('data')
  const size = dialog.getByLabel('New size in GiB')
  t.equal(await size.inputValue(), '2')
  await size.fill('1')
  await dialog.getByRole('button', { name: 'Grow' }).click()
  t.equal(await dialog.locator('input:invalid').count(), 1, 'it does not shrink')
  await size.fill('3')
  await dialog.getByRole('button', { name: 'Grow' }).click()
  await jobEnds(page, /^Resize safe/)
  await toInstall(page)
  await page.getByText('Volume data: /srv/vault, 3 GiB').waitFor()
  await page.getByRole('button', { name: 'Back up' }).click()
  await jobEnds(page, /^Backup safe/)
  await toInstall(page)
}

/** What is kept is found again, and the app is installed on it. */
export async function keepAndReinstall(t: Test, { page }: Scene): Promise<void> {
  await page.getByRole('button', { name: 'Uninstall' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(/^data/).check()
  await dialog.getByLabel('Type safe to confirm').fill('safe')
  await dialog.getByRole('button', { name: 'Uninstall' }).click()
  await jobEnds(page, /^Uninstall/)
  await goTo(page, 'installs')
  await page.getByText('Volumes kept').waitFor()
  await page.getByRole('link', { name: 'safe' }).click()
  await page.getByText('Volume data: /srv/vault, 3 GiB').waitFor()
  t.equal(await page.getByRole('button', { name: 'Stop' }).count(), 0)
  await page.getByRole('button', { name: 'Install again' }).click()
  await jobEnds(page, /^Reinstall safe/)
  await toInstall(page)
  await page.getByText('Running', { exact: true }).waitFor()
}

/** A job that runs ends when somebody says so, and what it made is taken back. */
export async function cancelJob(t: Test, { page }: Scene): Promise<void> {
  await goTo(page, 'apps/slow')
  await page.getByLabel('Name').fill('endless')
  await page.getByRole('button', { name: 'See what would be done' }).click()
  await page.getByLabel('I agree to all of it').check()
  await page.getByRole('button', { name: 'Install', exact: true }).click()
  await page.getByRole('log').getByText('begun').waitFor()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await jobEnds(page, /^Install endless/, 'Cancelled')
  t.match(await page.locator('.steps').textContent(), /Create the guest\s*taken back/)
  t.equal(await page.getByRole('button', { name: 'Cancel' }).count(), 0)
  await goTo(page, 'installs')
  t.equal(await page.getByRole('link', { name: 'endless' }).count(), 0)
}
