import t from 'tap'
import { passwdText, thisAccount } from '../../../src/runtime/docker/account.ts'

t.test('containers know this account, and nobody else', async t => {
  t.equal(passwdText({ uid: 1000, gid: 1001 }), 'postgres:x:1000:1001::/tmp:/bin/sh\n')
})

t.test(
  'root is refused, as which PostgreSQL does not run',
  { skip: process.getuid?.() !== 0 && 'needs root' },
  async t => {
    await t.rejects(thisAccount({}), { code: 'PGD_REFUSED' })
  },
)
