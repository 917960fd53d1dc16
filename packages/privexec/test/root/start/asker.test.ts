import t from 'tap'
import type { Policy } from '../../../src/policy/policy.ts'
import { askerOf } from '../../../src/root/start/asker.ts'

const names: Readonly<Record<number, string>> = { 0: 'root', 7: 'alice', 8: 'bob' }
const accounts = { userName: (uid: number) => names[uid], groupId: () => undefined }
const asks = (kind: 'user' | 'group', uid: number) =>
  askerOf({ principal: { kind, name: 'alice' } } as Policy, accounts, uid, 4242)

t.test('a policy for a user is for that account and for root', async s => {
  s.strictSame(asks('user', 7), { uid: 7, name: 'alice', pid: 4242, isPrincipal: true })
  s.strictSame(asks('user', 0), { uid: 0, name: 'root', pid: 4242, isPrincipal: true })
  s.strictSame(asks('user', 8), { uid: 8, name: 'bob', pid: 4242, isPrincipal: false })
})

t.test('a policy for a group is for whoever came this far', async s => {
  s.strictSame(asks('group', 8), { uid: 8, name: 'bob', pid: 4242, isPrincipal: true })
})

t.test('an account without a name goes by its number', async s => {
  s.strictSame(asks('user', 9), { uid: 9, name: '9', pid: 4242, isPrincipal: false })
})
