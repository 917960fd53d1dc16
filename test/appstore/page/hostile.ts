import type { Test } from 'tap'
import { evil } from './catalog.ts'
import { goTo, jobEnds, type Page, type Scene, toInstall, violations } from './scene.ts'

/** Nothing that an app says has run, sends, or hides anything. */
async function isHarmless(t: Test, page: Page, where: string): Promise<void> {
  const found = await page.evaluate(`({
    pwned: globalThis.pwned,
    active: document.querySelectorAll('main script, main iframe, main form[action], main img:not(.icon), main svg, main object').length,
    handlers: [...document.querySelectorAll('main *')].flatMap(({ attributes }) => [...attributes])
      .filter(({ name, value }) => name.startsWith('on') || /^\\s*(javascript|data):/i.test(value)).map(({ name }) => name),
    links: [...document.querySelectorAll('main a[href]')].map(({ protocol }) => protocol),
    over: [...document.querySelectorAll('main *')].filter(node => getComputedStyle(node).position === 'fixed').length,
  })`)
  const { links, ...rest } = found as { readonly links: readonly string[] }
  t.same(rest, { active: 0, handlers: [], over: 0 }, where)
  t.same(
    links.filter(protocol => !/^https?:$/.test(protocol)),
    [],
    `links of ${where}`,
  )
}

/** Texts of strangers are shown as they were written, wherever they are shown. */
export async function hostileTexts(t: Test, { page, openPage, complaints }: Scene): Promise<void> {
  const bare = await openPage({ withoutPolicy: true })
  await goTo(bare, 'apps/hostile')
  await bare.getByText('Read more').click()
  await isHarmless(t, bare, 'an app, without the policy')
  await bare.context().close()
  const before = complaints.length
  await goTo(page, 'apps')
  await page.getByRole('heading', { name: evil.name }).waitFor()
  await isHarmless(t, page, 'the catalog')
  await page.getByRole('link', { name: evil.name }).click()
  await page.getByRole('heading', { level: 1, name: evil.name }).waitFor()
  t.match(await page.locator('main > p').first().textContent(), evil.description)
  await page.getByText('Read more').click()
  t.same(await page.locator('.prose a[href]').allTextContents(), ['a good one'])
  t.equal(await page.locator('.prose h3', { hasText: 'A heading' }).count(), 1)
  await isHarmless(t, page, 'an app')
  t.same(await violations(page), [], 'an app')
  // Texts are made safe in a document of which nothing runs, and even there the policy speaks up.
  const ofPolicy = complaints.splice(before)
  t.same(
    ofPolicy.filter(text => !/^(?:Executing inline event handler|Applying inline style) violates/.test(text)),
    [],
  )
  await page.getByLabel('Name').fill('evil')
  await page.getByRole('button', { name: 'See what would be done' }).click()
  await page.getByLabel('I agree to all of it').check()
  await page.getByRole('button', { name: 'Install', exact: true }).click()
  await jobEnds(page, /^Install evil$/)
  const log = await page.getByRole('log').textContent()
  t.match(log, evil.log)
  t.match(log, /red/)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
  t.notMatch(log, /[\u0000-\u0008\u000e-\u001f\u202a-\u202e]/)
  await isHarmless(t, page, 'a job')
  await toInstall(page)
  await page.getByText(evil.output, { exact: true }).waitFor()
  await isHarmless(t, page, 'an install')
  t.match(await page.title(), /^evil/)
}
