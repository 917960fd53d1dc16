import fc from 'fast-check'
import t from 'tap'
import { poolId, poolOf } from '../../src/guard/pve-user.ts'
import { holds } from '../support/property.ts'

const text = `user:root@pam:1:0:::a%3Ab:
token:appstore@pve!t:0:1::

group:admins:root@pam::
pool:appstore::20001,20002:local:
pool:appstore/test:nested:20003::
pool:other::20001;20004 020005::
  pool : spaced : : 20006 : :
pool:appstore::20007::
pool:bad id::20008::
pool:a/b/c/d::20009::
poolx:appstore::20010::
#pool:appstore::20011::
pool:empty
acl:1:/pool/appstore:appstore@pve!t:PVEVMUser:
`

t.test('the pool of a guest is the first one that lists it, by its exact name', async t => {
  for (const [vmid, pool] of [
    [20_001, 'appstore'],
    [20_002, 'appstore'],
    [20_003, 'appstore/test'],
    [20_004, 'other'],
    [20_005, 'other'],
    [20_006, 'spaced'],
    [20_007, 'appstore'],
    ...[2000, 200_011, 20_008, 20_009, 20_010, 20_011, 1, 0, Number.NaN].map(vmid => [vmid, undefined] as const),
  ] as const) {
    t.equal(poolOf(text, vmid), pool, String(vmid))
  }
  t.equal(poolOf('', 20_001), undefined)
  t.equal(poolOf('pool:a:20001::', 20_001), undefined, 'neither a comment')
  t.equal(poolOf('pool:a:::20001:', 20_001), undefined, 'nor a storage is a guest')
  t.equal(poolOf('pool:a::20001.0,0x4e21,+20001,-20001,2e4:', 20_001), undefined, 'a guest is spelled in digits')
})

t.test('an id of a pool has up to three names', async t => {
  for (const id of ['a', 'A.b-c_1', 'a/b', 'a/b/c', '..']) t.match(id, poolId)
  for (const id of ['', '/', 'a/', '/a', 'a//b', 'a/b/c/d', 'a b', 'a:b', 'a\n', 'é']) t.notMatch(id, poolId)
})

t.test('every guest that a file lists is found in its pool, and no other', async t => {
  const id = fc.stringMatching(/^[A-Za-z0-9._-]{1,8}(\/[A-Za-z0-9._-]{1,8}){0,2}$/)
  const pools = fc.array(fc.tuple(id, fc.array(fc.integer({ min: 100, max: 140 }), { maxLength: 6 })), { maxLength: 6 })
  await holds(
    t,
    fc.property(pools, fc.constantFrom(',', ';', ' ', ', '), (pools, separator) => {
      const text = pools.map(([id, guests]) => `pool:${id}:c:${guests.join(separator)}:local:`).join('\n')
      for (let vmid = 100; vmid <= 140; vmid++) {
        if (poolOf(text, vmid) !== pools.find(([, guests]) => guests.includes(vmid))?.[0]) return false
      }
      return true
    }),
  )
})
