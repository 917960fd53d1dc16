import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'

const programs = globSync('/usr/lib/postgresql/*/bin')
  .filter(path => existsSync(join(path, 'initdb')))
  .at(-1)
const skip = programs === undefined && 'PostgreSQL is not installed'
const program = new URL('support/live-copy.ts', import.meta.url).pathname
/** PostgreSQL does not run as root. */
const account = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

t.test('the copy of a server that writes all the time has all that was committed before it', { skip }, async t => {
  const folder = mkdtempSync(join(tmpdir(), 'pgd-copy-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  if (account.uid !== undefined) chownSync(folder, account.uid, account.gid)
  const args = ['--conditions=@broker/source', program, folder, programs ?? '']
  const env = { HOME: folder, PATH: process.env.PATH }
  const output = execFileSync(process.execPath, args, { ...account, env, cwd: folder, encoding: 'utf8' })
  const { isWhole, wrong, ...figures } = JSON.parse(output)
  t.comment(JSON.stringify(figures))
  t.same([isWhole, wrong], [true, 0])
})
