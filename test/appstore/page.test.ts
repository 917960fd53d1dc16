import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { browserMissing, startBrowser } from '../../apps/appstore/test/support/chromium.ts'
import { everyView, keyboardAlone } from './page/access.ts'
import { accountsAndTokens, adoptGuest, checkEverything, declareInstall, openStack } from './page/administration.ts'
import { TestCatalog } from './page/catalog.ts'
import { cancelJob, keepAndReinstall, resizeAndBackup, secretInput } from './page/changes.ts'
import { hostileTexts } from './page/hostile.ts'
import { installApp, openTerminal, readLog, stopAndUninstall } from './page/life.ts'
import { pagesOf, type Scene, startStore } from './page/scene.ts'
import { firstCommit, upgradeKept, upgradeRolledBack } from './page/sources.ts'

const skip = browserMissing() ?? false

t.test('the page of the app store, in a browser', { skip, timeout: 480_000 }, async t => {
  const state = mkdtempSync(join(tmpdir(), 'appstore-page-'))
  const catalog = new TestCatalog(join(state, 'catalog'))
  const [daemon, served] = await startStore(join(state, 'lab'), catalog.url)
  const browser = await startBrowser()
  t.teardown(async () => {
    await browser.close()
    daemon.kill('SIGTERM')
    if (daemon.exitCode === null) await once(daemon, 'exit')
    rmSync(state, { recursive: true, force: true })
  })
  const pages = pagesOf(browser, served)
  const scene: Scene = { ...pages, page: await pages.openPage() }

  let isBroken = false
  // What follows needs what the chapters before it left.
  const chapter = async (title: string, run: (t: Test) => Promise<void>): Promise<void> => {
    if (isBroken) return
    isBroken = true
    await t.test(title, async t => {
      await run(t)
      isBroken = false
    })
  }

  await chapter('an app is found, agreed to and installed, and its own page opens', t => installApp(t, scene))
  await chapter('a terminal runs what is typed', t => openTerminal(t, scene))
  await chapter('the log of the guest is shown, and a setting is changed in place', t => readLog(t, scene))
  await chapter('the guest is stopped and started, and uninstalled by its name', t => stopAndUninstall(t, scene))
  await chapter('the keyboard alone installs an app', t => keyboardAlone(t, scene))
  await chapter('a source is used from the commit on that somebody has accepted', t => firstCommit(t, scene))
  await chapter('texts of strangers are shown, and do nothing', t => hostileTexts(t, scene))
  await chapter('a secret is typed once, and is not on any page until it is asked for', t => secretInput(t, scene))
  await chapter('a disk grows, and a backup is made', t => resizeAndBackup(t, scene))
  await chapter('what a new version asks for is agreed to, and it is kept', t => upgradeKept(t, scene, catalog))
  await chapter('a version that fails is rolled back', t => upgradeRolledBack(t, scene, catalog))
  await chapter('a volume is kept, and the app installed on it again', t => keepAndReinstall(t, scene))
  await chapter('a job that runs is cancelled', t => cancelJob(t, scene))
  await chapter('a guest of the pool is adopted, and no other', t => adoptGuest(t, scene))
  await chapter('a declaration is compared and brought about', t => declareInstall(t, scene))
  await chapter('everything is checked', t => checkEverything(t, scene))
  await chapter('tokens, accounts and sessions are made and ended', t => accountsAndTokens(t, scene))
  await chapter('a stack comes with its own values', t => openStack(t, scene))
  await chapter('a checker of accessibility finds nothing, nor is anything too wide for a telephone', t =>
    everyView(t, scene),
  )
  t.same(scene.complaints, [], 'nothing was refused by the content security policy, and no script failed')
})
