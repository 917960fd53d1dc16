import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { commandsPage } from '../docs/commands.ts'
import { errorsPage } from '../docs/errors.ts'
import { policyPage } from '../docs/policy.ts'
import { protocolPage } from '../docs/protocol.ts'
import { sandboxPage } from '../docs/sandbox.ts'

/** The reference pages that are made from the code, by file name. */
export const pages = async (): Promise<Readonly<Record<string, string>>> => ({
  'errors.md': errorsPage(),
  'commands.md': commandsPage(),
  'policy-file.md': await policyPage(),
  'protocol.md': await protocolPage(),
  'unit-sandbox.md': sandboxPage(),
})

const directory = join(import.meta.dirname, '../../docs/reference')
const note = '<!-- Made by scripts/generate/docs.ts; change the code and run `npm run docs`. -->\n'

/** Names of the pages on disk that differ from what the code says. */
export async function stalePages(): Promise<string[]> {
  const stale: string[] = []
  for (const [name, text] of Object.entries(await pages())) {
    const now = await readFile(join(directory, name), 'utf8').catch(() => '')
    if (now !== note + text) stale.push(`docs/reference/${name}`)
  }
  return stale
}

if (import.meta.main && process.argv.includes('--check')) {
  const stale = await stalePages()
  for (const name of stale) process.stderr.write(`${name} is stale: npm run docs\n`)
  process.exitCode = stale.length > 0 ? 1 : 0
} else if (import.meta.main) {
  await mkdir(directory, { recursive: true })
  for (const [name, text] of Object.entries(await pages())) await writeFile(join(directory, name), note + text)
}
