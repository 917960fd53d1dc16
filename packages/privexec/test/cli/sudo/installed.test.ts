import t from 'tap'
import { cannotEnforce } from '../../../src/cli/sudo/installed.ts'

t.test('sudo-rs is told plainly, with the way that is left', async t => {
  t.match(
    cannotEnforce({ kind: 'sudo-rs', version: '0.2.14' }),
    /sudo-rs 0\.2\.14.*no regular expressions.*root's side/,
  )
})

t.test('sudo is good from 1.9.10 on', async t => {
  for (const version of ['1.9.10', '1.9.13p3', '1.9.18b1', '1.10.0', '2.0.0']) {
    t.equal(cannotEnforce({ kind: 'sudo', version }), undefined, version)
  }
  for (const version of ['1.8.31', '1.9.9', '1.9.5p2']) t.match(cannotEnforce({ kind: 'sudo', version }), /1\.9\.10/)
})
