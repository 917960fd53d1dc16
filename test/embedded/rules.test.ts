import { join } from 'node:path'
import t from 'tap'
import { loadPolicy } from '../../packages/privexec/src/index.ts'
import { renderSudoers } from '../../packages/privexec/src/render/sudoers.ts'
import { attacks } from '../demo/attacks.ts'
import { ruleMatcher } from './rules.ts'

t.test('no rule of ours matches an attack, and a wildcard would', async s => {
  const policies = join(import.meta.dirname, '../../policies')
  const rules = await Promise.all(
    ['appstore.yaml', 'pgd.yaml'].map(async file => renderSudoers(await loadPolicy(join(policies, file)))),
  )
  const ours = ruleMatcher(rules.join('\n'))
  const wide = ruleMatcher('Cmnd_Alias X = /usr/bin/nsenter ^.*$\n')
  for (const { argv, title } of attacks) {
    s.notOk(ours(argv), title)
    s.ok(wide(argv), title)
  }
  const inBounds = [
    '/usr/bin/nsenter',
    '--mount=/proc/1/ns/mnt',
    '--',
    '/usr/sbin/zfs',
    'mount',
    'tank/pgd/databases/a/b',
  ]
  s.ok(ours(inBounds))
  s.notOk(ours([...inBounds, 'more']))
  s.notOk(ours(['/usr/bin/true', ...inBounds.slice(1)]))
})
