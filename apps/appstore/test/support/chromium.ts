import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

export type { Browser, Page } from 'playwright-core'

const executablePath = '/usr/bin/chromium'

/** Why no browser can be started, or undefined. */
export const browserMissing = (): string | undefined =>
  existsSync(executablePath) ? undefined : `there is no ${executablePath}`

/** Starts Chromium without a window. Its own sandbox does not work for root; it opens nothing but the daemon's pages. */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'] })
}

/** Source of axe-core, to be put into a page. */
export const axeFile: string = new URL(import.meta.resolve('axe-core/axe.min.js')).pathname
