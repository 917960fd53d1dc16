import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = join(import.meta.dirname, '../..')
const library = pathToFileURL(`${root}/packages/privexec/`).href
const ownFolders = [library, pathToFileURL(`${root}/test/root/`).href]
const isOwn = (url: string | undefined) => ownFolders.some(folder => url?.startsWith(folder))

let generation = 0

/** From now on, sources and tests are loaded anew: a mutant may sit in what a module does when it is loaded. */
export const nextGeneration = (): number => ++generation

/**
 * Loads the library's sources from `target`, a changed copy, and gives test files a `t` of their own:
 * `globalThis.currentTest`.
 */
export function redirect(target: string): void {
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === 'tap' && isOwn(context.parentURL)) {
        return { url: `data:text/javascript,export default globalThis.currentTest//${generation}`, shortCircuit: true }
      }
      const found = next(specifier, context)
      return isOwn(found.url) ? { ...found, url: `${found.url.split('?')[0]}?${generation}` } : found
    },
    load(url, context, next) {
      if (!url.startsWith(`${library}src/`)) return next(url, context)
      const path = fileURLToPath(url.split('?')[0] ?? url)
      const format = path.endsWith('.ts') ? 'module-typescript' : 'module'
      return { source: readFileSync(join(target, path.slice(root.length))), format, shortCircuit: true }
    },
  })
}
