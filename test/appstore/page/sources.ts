import type { Test } from 'tap'
import type { TestCatalog } from './catalog.ts'
import { goTo, jobEnds, type Page, type Scene, toInstall, violations } from './scene.ts'

const own = (page: Page) => page.getByRole('region', { name: 'own' })

/** Fetches what a source has, and looks at what is offered. */
async function fetchOffer(page: Page): Promise<void> {
  await goTo(page, 'sources')
  await page.getByRole('button', { name: 'Fetch what is new' }).click()
  await own(page)
    .getByRole('heading', { name: /^Offered/ })
    .waitFor()
}

const accept = async (page: Page): Promise<void> => {
  await own(page).getByRole('button', { name: 'Use it' }).click()
  await own(page)
    .getByRole('heading', { name: /^Offered/ })
    .waitFor({ state: 'detached' })
}

/** A source is used once its commit is accepted; the problems of its files are told as text. */
export async function firstCommit(t: Test, { page }: Scene): Promise<void> {
  await goTo(page, 'apps')
  t.equal(await page.getByRole('link', { name: 'Vault' }).count(), 0, 'nothing of it is used before')
  await goTo(page, 'sources')
  await own(page).getByText('Nothing of it is used yet').waitFor()
  await fetchOffer(page)
  t.same(
    await own(page)
      .getByRole('listitem')
      .filter({ hasText: /^New: / })
      .allTextContents(),
    [...['New: hostile', 'New: slow', 'New: vault']],
  )
  t.same(await violations(page), [], 'an offer')
  await own(page).getByText('1 problem in its files').click()
  t.match(await own(page).locator('details').textContent(), /apps\/broken\/app\.yml:\d+ homepage must begin with/)
  await accept(page)
  await goTo(page, 'apps')
  await page.getByRole('link', { name: 'Vault' }).waitFor()
}

/** What is asked for anew is said where a commit is accepted and where an install is upgraded. */
export async function upgradeKept(t: Test, { page }: Scene, catalog: TestCatalog): Promise<void> {
  catalog.vault('2.0.0', ['/srv/vault', '/srv/more'], 'pass')
  catalog.remove('broken')
  catalog.commit()
  await fetchOffer(page)
  t.match(await own(page).textContent(), 'vault: 1.0.0 becomes 2.0.0, and asks for something else')
  await accept(page)
  await goTo(page, 'installs')
  await page.getByText('vault 2.0.0').waitFor()
  await page.getByRole('link', { name: 'safe' }).click()
  await page.getByRole('button', { name: 'Upgrade' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('/srv/more').waitFor()
  t.match(await dialog.textContent(), 'and asks for something else than before')
  t.same(await violations(page), [], 'the dialog of an upgrade')
  await dialog.getByRole('button', { name: 'Agree and upgrade' }).click()
  await jobEnds(page, /^Upgrade safe/)
  await toInstall(page)
  await page.getByText('vault 2.0.0').waitFor()
  t.equal(await page.getByRole('button', { name: 'Upgrade' }).count(), 0)
}

/** A script that fails leaves the version of before, and the page says why. */
export async function upgradeRolledBack(t: Test, { page }: Scene, catalog: TestCatalog): Promise<void> {
  catalog.vault('3.0.0', ['/srv/vault', '/srv/more'], 'raise RuntimeError("not today")')
  catalog.commit()
  await fetchOffer(page)
  t.notMatch(await own(page).textContent(), 'asks for something else')
  await accept(page)
  await goTo(page, 'installs')
  await page.getByRole('link', { name: 'safe' }).click()
  await page.getByRole('button', { name: 'Upgrade' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Upgrade', exact: true }).click()
  await jobEnds(page, /^Upgrade safe/, 'Failed')
  t.match(await page.locator('.problem').first().textContent(), 'not today')
  t.match(await page.locator('.steps').textContent(), 'taken back')
  t.same(await violations(page), [], 'a job that failed')
  await toInstall(page)
  await page.getByText('vault 2.0.0').waitFor()
  await page.getByText('Running', { exact: true }).waitFor()
}
