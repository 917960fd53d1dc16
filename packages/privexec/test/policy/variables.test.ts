import { join } from 'node:path'
import t from 'tap'
import { stateDirectory } from '../../src/policy/variables.ts'

t.test('the state directory is the one of the XDG specification, which ignores relative paths', async t => {
  t.equal(stateDirectory({ XDG_STATE_HOME: '/var/state' }), '/var/state')
  for (const named of ['', 'state', './state'])
    t.ok(stateDirectory({ XDG_STATE_HOME: named }).endsWith(join('.local', 'state')))
})
