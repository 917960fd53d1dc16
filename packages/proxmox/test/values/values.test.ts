import { inspect } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../privexec/test/support/property.ts'
import * as values from '../../src/index.ts'
import { upidArb } from '../support/arbitrary.ts'

type Check = (value: string, field?: string) => string
const bad = { code: 'PROXMOX_INPUT_INVALID' }

t.test('an id of a guest is 100 to 999999999, without leading zeros', async t => {
  t.equal(values.vmid('104'), 104)
  t.equal(values.vmid(999_999_999), 999_999_999)
  for (const wrong of [
    '0104',
    '99',
    '1000000000',
    ' 104',
    '1e3',
    '104\n',
    99,
    104.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ]) {
    t.throws(() => values.vmid(wrong), bad, inspect(wrong))
  }
  await holds(
    t,
    fc.property(fc.integer({ min: 100, max: 999_999_999 }), id => values.vmid(String(id)) === id),
  )
})

t.test('names are those of Proxmox, and nothing that could be more than a name', async t => {
  const cases: readonly (readonly [Check, readonly string[], readonly string[]])[] = [
    [values.nodeName, ['pve', 'a', 'node-1'], ['', '-a', 'a-', 'a.b', 'a/b', 'a\n', '..', 'a b']],
    [values.storageId, ['local', 'local-lvm', 'a.b_c'], ['', '1a', 'a/', 'a b', 'local:x', 'a\n']],
    [values.poolId, ['appstore', 'a/b/c'], ['', 'a//b', '/a', 'a/b/c/d', 'a b']],
    [
      values.userId,
      ['root@pam', 'a.b@pve', 'me@example.org@ldap'],
      ['root', 'a b@pve', 'root@pam!t', '@pam', 'a:b@pve', `${'x'.repeat(64)}@pve`],
    ],
    [values.fullTokenId, ['appstore@pve!store'], ['appstore@pve', 'a@pve!', 'a@pve!t=secret', 'a@pve!t!u']],
    [values.snapshotName, ['before_1-2', 'ab'], ['a', '1ab', 'a b', 'x'.repeat(41)]],
    [values.tag, ['appstore', '_x+1.0-a'], ['', '-a', 'a;b', 'a b', 'a,b']],
    [values.digest, ['c4606f0994c5c18a8a99998a3536f311a3a21ea0'], ['', 'xyz', 'a'.repeat(41)]],
    [values.aclPath, ['/', '/vms/104', '/sdn/zones/localnetwork/vmbr0'], ['', 'vms', '/a//b', '/a/', '/a b', '/a,b']],
    [values.privilege, ['VM.Config.Disk'], ['', 'VM', 'VM.Audit,Sys.Modify', 'VM.Audit ']],
    [
      values.volumeId,
      ['local:104/vm-104-disk-0.raw', 'local:vztmpl/a b'.replace(' ', '_')],
      ['', 'local:', '/etc', 'local:a,b', 'local:a b', 'a\nb:c'],
    ],
    [values.dnsName, ['a', 'app-1.example'], ['', '-a', 'a..b', 'a.', 'bad_host!', 'a\nb']],
  ]
  for (const [check, good, wrong] of cases) {
    for (const value of good) t.equal(check(value), value, value)
    for (const value of wrong) t.throws(() => check(value, 'here'), { ...bad, field: 'here' }, inspect(value))
    t.throws(() => check(undefined as never), bad)
  }
})

t.test('a value that is refused is shown escaped', async t => {
  t.throws(() => values.nodeName('\u001b[31m\n'), {
    ...bad,
    message: /^node: "\\u\{001b\}\[31m\\n" is not a node name$/,
  })
})

t.test('the id of a task is read and written both ways', async t => {
  const text = 'UPID:vm:00001939:0009C65B:6B0214A3:vzcreate:107:appstore@pve!store:'
  t.same(values.parseUpid(text), {
    node: 'vm',
    pid: 0x1939,
    pstart: 0x9c65b,
    starttime: 0x6b0214a3,
    type: 'vzcreate',
    id: '107',
    user: 'appstore@pve!store',
  })
  await holds(
    t,
    fc.property(upidArb, parts => {
      const printed = values.printUpid(parts)
      return values.upid(printed) === printed && inspect(values.parseUpid(printed)) === inspect(parts)
    }),
  )
  for (const wrong of [
    'UPID:bad',
    '',
    text.slice(0, -1),
    `${text}\n`,
    text.replace('vzcreate', 'vz/create'),
    ` ${text}`,
  ]) {
    t.throws(() => values.upid(wrong), bad, wrong)
  }
})

t.test('sizes are read and written both ways', async t => {
  t.same(
    ['4096', '8K', '512M', '4G', '1.5T'].map(text => values.parseSize(text)),
    [4096, 8192, 2 ** 29, 2 ** 32, 1.5 * 2 ** 40],
  )
  t.same(
    [0, 1, 1024, 2 ** 32, 1.5 * 2 ** 40].map(bytes => values.printSize(bytes)),
    ['0', '1', '1K', '4G', '1536G'],
  )
  await holds(
    t,
    fc.property(fc.nat(2 ** 52), bytes => values.parseSize(values.printSize(bytes)) === bytes),
  )
  for (const wrong of ['', '4 G', '4g', '-1', '1e3', '4GB', 'G']) t.throws(() => values.parseSize(wrong), bad, wrong)
  for (const wrong of [-1, 0.5, Number.NaN, 2 ** 60]) t.throws(() => values.printSize(wrong), bad, String(wrong))
})

t.test('tags are read in all spellings, and written in one', async t => {
  t.same(values.parseTags('appstore;managed'), ['appstore', 'managed'])
  t.same(values.parseTags(' a, b;;c '), ['a', 'b', 'c'])
  t.same(values.parseTags(''), [])
  t.same(values.parseTags('ok;-bad'), ['ok'])
  const tags = fc.array(fc.stringMatching(/^[a-z0-9_][a-z0-9_+.-]{0,8}$/))
  await holds(
    t,
    fc.property(tags, all => inspect(values.parseTags(values.printTags(all))) === inspect(all)),
  )
})

t.test('volumes are taken apart and put together', async t => {
  const parts = values.parseVolumeId('local:104/vm-104-disk-0.raw')
  t.same(parts, { storage: 'local', name: '104/vm-104-disk-0.raw' })
  t.equal(values.printVolumeId(parts), 'local:104/vm-104-disk-0.raw')
  t.equal(values.newVolume('local-lvm', 8), 'local-lvm:8')
  for (const gib of [0, -1, Number.NaN, 200_000]) t.throws(() => values.newVolume('local', gib), bad)
  t.same(['local:8', 'local:104/vm-104-disk-0.raw', '/srv'].map(values.volumeSource), ['new', 'volume', 'path'])
})
