import t from 'tap'
import { zfsCheck } from '../../src/doctor/zfs.ts'
import { alice, contextOf, messages, pgd } from './support/context.ts'

const base = 'tank/pgd/databases'
const rows = (name: string, values: Record<string, string>, source = 'local'): string =>
  Object.entries({ mountpoint: `/${name}`, setuid: 'off', devices: 'off', exec: 'off', ...values })
    .map(([property, value]) => `${name}\t${property}\t${value}\t${source}\n`)
    .join('')

/** A machine with OpenZFS: what `zfs get` and `zfs allow` answer. */
const look = (get: string, allow = '', mountinfo = '') =>
  zfsCheck(
    contextOf(
      {
        files: { [`/${base}`]: { kind: 'directory', mode: 0o755 }, '/proc/1/mountinfo': mountinfo },
        run: ([, verb]) => (verb === 'get' ? get : allow),
      },
      { policy: pgd, accounts: [alice], group: 994 },
    ),
  )

t.test('a base that root set up, with harmless delegation, is well', async t => {
  const allow = `---- Permissions on ${base} ---\nLocal+Descendent permissions:\n\tuser alice canmount,clone,create,mount\n\tuser bob mountpoint\n`
  const list = await look(
    rows(base, {}) + rows(`${base}/a`, {}, 'default') + rows(`${base}/a@s`, { setuid: 'on' }),
    allow,
  )
  t.strictSame(
    list.map(({ level }) => level),
    ['ok', 'ok'],
  )
})

t.test('delegation counts by name, by group and for everyone', async t => {
  for (const who of ['user alice', 'group pgd', 'group alice', 'everyone']) {
    for (const permission of ['mountpoint', 'receive', 'setuid', 'devices', 'exec', 'sharenfs', 'sharesmb', 'allow']) {
      const allow = `---- Permissions on tank ---\nDescendent permissions:\n\t${who} create,${permission}\n`
      t.match(messages(await look(rows(base, {}), allow), 'error'), [new RegExp(`On tank, ${permission} is delegated`)])
    }
  }
})

t.test('where the base is mounted decides', async t => {
  t.match(messages(await look(rows(base, { mountpoint: '/etc/x' })), 'error'), [/a directory of the system/])
  t.match(messages(await look(rows(base, { mountpoint: 'legacy' })), 'warning'), [/mounts nothing below it/])
  t.strictSame(messages(await look(rows(base, { mountpoint: '/srv/db' })), 'error'), [])
})

t.test('a child with a mount point of its own, inside or outside, is named in escaped form', async t => {
  const list = await look(rows(base, {}) + rows(`${base}/a`, { mountpoint: `/${base}/b\u001b` }))
  t.match(messages(list, 'warning'), [/"tank\/pgd\/databases\/a" has a mountpoint of its own: ".*\\u\{001b\}"/])
})

t.test('kernel mounts without nosuid and nodev are a warning', async t => {
  const line = (options: string) => `1 2 0:3 / /${base} ${options} - zfs ${base} rw\n`
  t.match(messages(await look(rows(base, {}), '', line('rw,nodev')), 'warning'), [/lacks nosuid$/])
  t.strictSame(messages(await look(rows(base, {}), '', line('rw,nodev,nosuid')), 'warning'), [])
})
