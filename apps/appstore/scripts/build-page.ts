import { join } from 'node:path'
import { build, type InlineConfig } from 'vite'

const web = join(import.meta.dirname, '../web')

/** How the page is built: no inline script or style, which its content security policy refuses. */
const config: InlineConfig = {
  root: web,
  configFile: false,
  base: './',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2023',
    outDir: join(import.meta.dirname, '../dist/page'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The terminal is a file of its own, fetched when it is opened.
    chunkSizeWarningLimit: 600,
  },
}

/** Builds the page into `dist/page`, which the daemon serves. Takes about 2 s. */
export async function buildPage(): Promise<void> {
  await build(config)
}

if (import.meta.main) await buildPage()
