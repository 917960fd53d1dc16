import type { Test } from 'tap'
import { freePort, goTo, jobEnds, type Scene, toInstall } from './scene.ts'

/** A guest of the pool that somebody made by hand. */
export async function adoptGuest(t: Test, { page }: Scene): Promise<void> {
  await goTo(page, 'settings')
  const form = page.getByRole('region', { name: 'Adopt a guest' })
  await form.getByLabel('Id of the guest').fill('104')
  await form.getByRole('button', { name: 'Adopt' }).click()
  await jobEnds(page, /^Adopt/, 'Failed')
  t.match(await page.locator('.problem').first().textContent(), 'Guest 104 is not in the pool')
  await goTo(page, 'settings')
  await form.getByLabel('Id of the guest').fill('20005')
  await form.getByLabel('Name of the install').fill('found')
  await form.getByRole('button', { name: 'Adopt' }).click()
  await jobEnds(page, /^Adopt found/)
  await toInstall(page)
  await page.getByText('guest 20005').waitFor()
  await page.getByText('Stopped', { exact: true }).waitFor()
}

/** The state as text: written out, changed, compared, and brought about. */
export async function declareInstall(t: Test, { page }: Scene): Promise<void> {
  await goTo(page, 'declaration')
  await page.getByRole('button', { name: 'Write out what is there' }).click()
  const text = page.getByLabel('Declaration, JSON')
  await page.locator('button:enabled', { hasText: 'See what would change' }).waitFor()
  const written = JSON.parse(await text.inputValue())
  t.same(written.installs.map(({ name }: { name: string }) => name).sort(), ['evil', 'safe'])
  t.notMatch(await text.inputValue(), 'seen-by-nobody')
  await text.fill('{ not json')
  await page.getByRole('button', { name: 'See what would change' }).click()
  await page.getByRole('alert').waitFor()
  const inputs = { greeting: 'Declared', port: await freePort() }
  written.installs.push({ name: 'said', apps: [{ app: 'hello-web', inputs }] })
  await text.fill(JSON.stringify(written))
  await page.getByRole('button', { name: 'See what would change' }).click()
  const plan = page.getByRole('region', { name: 'What would change' })
  await plan.getByText('said: Install').waitFor()
  t.match(await plan.textContent(), /safe: As it is.*found: Not declared/)
  await plan.getByRole('button', { name: 'Bring it about' }).click()
  await page.getByRole('link', { name: 'Install said' }).click()
  await jobEnds(page, /^Install said$/)
}

/** Everything is checked, and what was found is told. */
export async function checkEverything(t: Test, { page }: Scene): Promise<void> {
  await goTo(page, 'doctor')
  await page.getByText('against its lab').waitFor()
  await page.getByRole('button', { name: 'Check everything' }).click()
  const findings = page.locator('main').getByRole('listitem')
  await findings.filter({ hasText: 'proxmox' }).waitFor()
  t.match(await findings.allTextContents(), [/^ok database/, /^ok proxmox/, /^ok containers/])
}

/** Tokens are shown once; accounts do what their role may; sessions end. */
export async function accountsAndTokens(t: Test, { page, openPage }: Scene): Promise<void> {
  await goTo(page, 'settings')
  const tokens = page.getByRole('region', { name: 'Tokens' })
  await tokens.getByLabel('Label').fill('backup script')
  await tokens.getByRole('button', { name: 'Make the token' }).click()
  await tokens.getByText('It is shown only now').waitFor()
  const token = await tokens.getByRole('status').locator('code').textContent()
  t.match(token, /^appstore_/)
  await goTo(page, 'jobs')
  await goTo(page, 'settings')
  await tokens.getByText('backup script').waitFor()
  t.notMatch(await page.content(), token)
  await tokens.getByRole('button', { name: 'Remove the token backup script' }).click()
  await tokens.getByText('backup script').waitFor({ state: 'detached' })

  const accounts = page.getByRole('region', { name: 'Accounts' })
  const password = 'a long one for looking'
  await accounts.getByLabel('Name').fill('guest')
  await accounts.getByLabel('Password').fill('short')
  await accounts.getByRole('button', { name: 'Make the account' }).click()
  await accounts.getByRole('alert').waitFor()
  await accounts.getByLabel('Password').fill(password)
  await accounts.getByRole('button', { name: 'Make the account' }).click()
  await accounts.getByLabel('Role of guest').waitFor()

  const looking = await openPage({ account: 'guest', password })
  await goTo(looking, 'installs')
  await looking.getByRole('link', { name: 'said' }).click()
  await looking.getByText('Running', { exact: true }).waitFor()
  t.same(await looking.getByRole('region', { name: 'Actions' }).getByRole('button').count(), 0, 'a viewer looks')
  await goTo(looking, 'apps/vault')
  await looking.getByText('This account may not install').waitFor()
  await goTo(page, 'jobs')
  await goTo(page, 'settings')
  const sessions = page.getByRole('region', { name: 'Sessions' })
  await sessions.getByRole('button', { name: /^End the session of guest/ }).click()
  await sessions.getByText('guest').waitFor({ state: 'detached' })
  await looking.evaluate("location.hash = '#/jobs'")
  await looking.getByRole('heading', { name: 'Log in' }).waitFor()
  await looking.context().close()
}

/** A stack of the catalog, with what it says for its apps. */
export async function openStack(t: Test, { page }: Scene): Promise<void> {
  await goTo(page, 'stacks')
  await page.getByRole('link', { name: 'Hello and Notes' }).click()
  t.equal(await page.getByLabel('Greeting').inputValue(), 'Two apps, one guest')
  await page.getByText('Advanced').click()
  t.equal(await page.getByLabel('Memory in MiB').inputValue(), '512')
  await page.getByLabel('Password (needed)').first().fill('long enough')
  await page.getByRole('button', { name: 'See what would be done' }).click()
  await page.getByRole('heading', { name: 'What would be done for web-pair' }).waitFor()
  await page.getByText(/\d+ calls and commands/).click()
  t.match(await page.locator('.actions').textContent(), /"memory": "?512/)
}
