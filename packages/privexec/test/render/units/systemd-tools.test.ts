import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { renderSysusers } from '../../../src/render/units/sysusers.ts'
import { directoriesOf, renderTmpfiles } from '../../../src/render/units/tmpfiles.ts'
import { appstoreByDaemon, pgdByDaemon } from './support.ts'

const [tmpfiles, sysusers] = ['/usr/bin/systemd-tmpfiles', '/usr/bin/systemd-sysusers']
const skip =
  process.getuid?.() !== 0 ? 'needs root' : existsSync(tmpfiles) && existsSync(sysusers) ? false : 'needs systemd'

/** An empty root file system with two configurations. */
const root = (t: Test, policy: typeof pgdByDaemon) =>
  t.testdir({
    etc: { passwd: 'root:x:0:0::/:/bin/sh\n', group: 'root:x:0:\npgd:x:994:\n', shadow: '', gshadow: '' },
    'tmpfiles.conf': renderTmpfiles(policy),
    'sysusers.conf': renderSysusers(policy) ?? '',
  })
const run = (program: string, ...args: string[]) => spawnSync(program, args, { encoding: 'utf8', env: { LC_ALL: 'C' } })

t.test('systemd-tmpfiles makes the directories of a policy', { skip }, async t => {
  const folder = root(t, pgdByDaemon)
  const { status, stderr } = run(tmpfiles, '--create', `--root=${folder}`, join(folder, 'tmpfiles.conf'))
  t.same([status, stderr], [0, ''])
  for (const { path, mode, group } of directoriesOf(pgdByDaemon)) {
    const stat = statSync(join(folder, path))
    t.same([stat.mode & 0o7777, stat.uid, stat.gid], [mode, 0, group === 'pgd' ? 994 : 0], path)
  }
})

t.test('systemd-sysusers makes the account of a service, with a group of the same name', { skip }, async t => {
  const folder = root(t, appstoreByDaemon)
  t.equal(run(sysusers, `--root=${folder}`, join(folder, 'sysusers.conf')).status, 0)
  t.match(readFileSync(join(folder, 'etc/group'), 'utf8'), /^appstore:/m)
  t.match(readFileSync(join(folder, 'etc/passwd'), 'utf8'), /^appstore:.*:\/var\/lib\/appstore:\/usr\/sbin\/nologin$/m)
})
