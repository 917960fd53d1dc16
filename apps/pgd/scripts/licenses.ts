import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Licenses of the packages that are in a bundle, one after the other; `inputs` are its files, as seen from `root`. */
export function licensesOf(root: string, inputs: readonly string[]): string {
  const packages = new Map<string, string>()
  for (const input of inputs) {
    const [, directory, name] = /^(.*node_modules\/((?:@[^/]+\/)?[^/]+))\//.exec(input) ?? []
    if (directory !== undefined && name !== undefined) packages.set(name, join(root, directory))
  }
  const named = [...packages].sort(([a], [b]) => (a < b ? -1 : 1))
  return named.map(([name, directory]) => `${name}\n\n${licenseOf(name, directory)}\n`).join(`\n${'-'.repeat(80)}\n\n`)
}

function licenseOf(name: string, directory: string): string {
  const files = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENCE', 'license', 'license.md', 'LICENSE-MIT', 'COPYING']
  const file = files.map(each => join(directory, each)).find(existsSync)
  if (file !== undefined) return readFileSync(file, 'utf8').trim()
  const { license, author } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
  if (license === undefined) throw new Error(`${name} has no license`)
  return `${license}${author === undefined ? '' : `, ${author.name ?? author}`}`
}
