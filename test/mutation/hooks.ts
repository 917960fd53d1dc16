import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = join(import.meta.dirname, '../..')
const own = pathToFileURL(`${root}/packages/privexec/`).href

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
      const fromOurs = context.parentURL?.startsWith(own)
      if (specifier === 'tap' && fromOurs) {
        return { url: `data:text/javascript,export default globalThis.currentTest//${generation}`, shortCircuit: true }
      }
      const found = next(specifier, context)
      return found.url.startsWith(own) ? { ...found, url: `${found.url.split('?')[0]}?${generation}` } : found
    },
    load(url, context, next) {
      if (!url.startsWith(`${own}src/`)) return next(url, context)
      const path = fileURLToPath(url.split('?')[0] ?? url)
      const format = path.endsWith('.ts') ? 'module-typescript' : 'module'
      return { source: readFileSync(join(target, path.slice(root.length))), format, shortCircuit: true }
    },
  })
}
