import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { catalogJsonSchema } from '../../apps/appstore/src/catalog/manifest/json-schema.ts'
import { configJsonSchema } from '../../apps/appstore/src/config/json-schema.ts'
import { answersJsonSchema } from '../../apps/pgd/src/cli/schema.ts'
import { appstoreCommandsPage } from '../docs/appstore-commands.ts'
import { appstoreConfigPage } from '../docs/appstore-config.ts'
import { appstoreErrorsPage } from '../docs/appstore-errors.ts'
import { appstoreOpenApi } from '../docs/appstore-openapi.ts'
import { commandsPage } from '../docs/commands.ts'
import { errorsPage } from '../docs/errors.ts'
import { pgdCommandsPage } from '../docs/pgd-commands.ts'
import { pgdErrorsPage } from '../docs/pgd-errors.ts'
import { policyPage } from '../docs/policy.ts'
import { protocolPage } from '../docs/protocol.ts'
import { proxmoxErrorsPage } from '../docs/proxmox-errors.ts'
import { sandboxPage } from '../docs/sandbox.ts'

/** The reference pages that are made from the code, by file name. */
export const pages = async (): Promise<Readonly<Record<string, string>>> => ({
  'appstore-errors.md': appstoreErrorsPage(),
  'appstore-commands.md': await appstoreCommandsPage(),
  'appstore-config.md': appstoreConfigPage(),
  'appstore-config.schema.json': `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
  'appstore.openapi.json': `${JSON.stringify(await appstoreOpenApi(), null, 2)}\n`,
  'app-manifest.schema.json': `${JSON.stringify(catalogJsonSchema('app'), null, 2)}\n`,
  'app-stack.schema.json': `${JSON.stringify(catalogJsonSchema('stack'), null, 2)}\n`,
  'app-test.schema.json': `${JSON.stringify(catalogJsonSchema('test'), null, 2)}\n`,
  'errors.md': errorsPage(),
  'commands.md': commandsPage(),
  'policy-file.md': await policyPage(),
  'protocol.md': await protocolPage(),
  'unit-sandbox.md': sandboxPage(),
  'pgd-commands.md': await pgdCommandsPage(),
  'pgd-errors.md': pgdErrorsPage(),
  'proxmox-errors.md': proxmoxErrorsPage(),
  'pgd.schema.json': `${JSON.stringify(answersJsonSchema(), null, 2)}\n`,
})

const directory = join(import.meta.dirname, '../../docs/reference')
const note = '<!-- Made by scripts/generate/docs.ts; change the code and run `npm run docs`. -->\n'

/** What is written: JSON has no comments. */
const written = (name: string, text: string): string => (name.endsWith('.json') ? text : note + text)

/** Names of the pages on disk that differ from what the code says. */
export async function stalePages(): Promise<string[]> {
  const stale: string[] = []
  for (const [name, text] of Object.entries(await pages())) {
    const now = await readFile(join(directory, name), 'utf8').catch(() => '')
    if (now !== written(name, text)) stale.push(`docs/reference/${name}`)
  }
  return stale
}

if (import.meta.main && process.argv.includes('--check')) {
  const stale = await stalePages()
  for (const name of stale) process.stderr.write(`${name} is stale: npm run docs\n`)
  process.exitCode = stale.length > 0 ? 1 : 0
} else if (import.meta.main) {
  await mkdir(directory, { recursive: true })
  for (const [name, text] of Object.entries(await pages())) {
    await writeFile(join(directory, name), written(name, text))
  }
}
