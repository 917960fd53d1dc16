import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { hostMissing } from '../host/run.ts'
import { debianRoot } from './support/debian.ts'

const skip = hostMissing() ?? false
t.setTimeout(850_000)
const repository = join(import.meta.dirname, '../..')

/** What the daemon did on a throwaway host, as its users saw it. */
function onHost(): Readonly<Record<string, unknown>> {
  const inside = [process.execPath, '--conditions=@broker/source', 'test/appstore/inside/host.ts', debianRoot()]
  const argv = ['-i', `PATH=${process.env.PATH}`, 'HOME=/root', process.execPath, 'test/host/run.ts', '--', ...inside]
  const { status, stdout, stderr } = spawnSync('env', argv, { cwd: repository, encoding: 'utf8', maxBuffer: 1e8 })
  if (status !== 0) throw new Error(`the host ended with ${status}: ${stdout}${stderr}`)
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
}

t.test('an app is installed by a daemon that is not root, in a container of its own', { skip }, async t => {
  const seen = onHost()
  t.equal(seen.account, 'appstore', 'the account of the daemon')
  t.equal(seen.sandbox, 'ro', 'it sees the host read-only')
  t.match(seen.plan, [/^POST \/nodes\/pve\/lxc$/, /^PUT /, /^POST /, 'pct.exec', 'pct.push'])
  t.match(seen.install, { state: 'succeeded' })
  t.match(seen.shown, { status: 'active', live: { state: 'running' }, vmid: 20_000 })
  t.match(seen.page, /<title>First<\/title>/)
  t.equal(seen.package, 'ii', 'a package of Debian is there')
  t.match(seen.audit, /"pct\.exec"|pct exec/)
  t.equal(seen.chain, 0, 'the audit file verifies')
  t.same(seen.foreign, seen.foreignBefore, 'the guest of somebody else is as it was')
  t.match(seen.uninstall, { state: 'succeeded' })
  t.same(seen.guestsAfter, ['20005'])
  t.equal(seen.canary, '', 'the secret is nowhere on the host')
})
