import t from 'tap'
import type { Guard, Look } from '../../src/guard/guard.ts'
import { emptyMountPoint, mountBelowBase, mountedBelowBase, noSetuidNoDevices } from '../../src/guard/zfs.ts'
import { dataset, directory, type Pretended, pretend } from './support/host.ts'

const base = 'tank/pgd/databases'
const shop = `${base}/shop`
const root = '/srv/databases'

type Table = Record<string, [value: string, source: string]>

/** What zfs answers for a base at /srv/databases and a dataset that inherits all of it, but for these rows. */
function answer(ofDataset: Table = {}, ofBase: Table = {}, name = shop): string {
  const inherited = `inherited from ${base}`
  const plain: Table = { type: ['filesystem', '-'], canmount: ['noauto', 'local'] }
  const tables: Record<string, Table> = {
    [base]: { ...plain, mountpoint: [root, 'local'], setuid: ['off', 'local'], devices: ['off', 'local'], ...ofBase },
    [name]: {
      ...{ ...plain, mountpoint: [`${root}${name.slice(base.length)}`, inherited] },
      ...{ setuid: ['off', inherited], devices: ['off', inherited], ...ofDataset },
    },
  }
  return Object.entries(tables)
    .flatMap(([name, table]) => Object.entries(table).map(([key, row]) => `${[name, key, ...row].join('\t')}\n`))
    .join('')
}

const mountinfo = (...mounts: [point: string, source: string, type?: string][]) =>
  [
    '1 0 0:1 / / rw - ext4 /dev/sda rw',
    ...mounts.map(([point, source, type = 'zfs']) => `9 1 0:9 / ${point} rw - ${type} ${source} rw`),
  ]
    .map(line => `${line}\n`)
    .join('')

const places = { '/': directory(), '/srv': directory(), [root]: directory({ entries: 3 }) }
const host = (stdout: string, more: Pretended = {}) =>
  pretend({ files: { '/proc/1/mountinfo': mountinfo() }, places, answer: { stdout }, ...more })
const reason = (guard: Guard, stdout = answer(), more: Pretended = {}) => guard.check(dataset(host(stdout, more)))

t.test('all guards of an operation ask zfs once, in the host, and by the names of the properties', async t => {
  const machine = host(answer())
  const subject = dataset(machine)
  for (const guard of [mountBelowBase, noSetuidNoDevices, emptyMountPoint, mountedBelowBase]) {
    t.equal(await guard.check({ ...subject }), undefined, guard.name)
    t.strictSame(guard.settings, [], 'and the policy has nothing to say')
  }
  const fields = 'type,mountpoint,canmount,setuid,devices'
  const [nsenter, ...args] = [
    '/usr/bin/nsenter',
    '--mount=/proc/1/ns/mnt',
    '--',
    '/usr/sbin/zfs',
    'get',
    '-Hp',
    '-o',
    'name,property,value,source',
  ]
  t.strictSame(machine.calls, [[nsenter, ...args, fields, base, shop]])
  await mountBelowBase.check(dataset(machine))
  t.equal(machine.calls.length, 2, 'and the next operation asks again')
})

t.test('when zfs does not answer in full, no guard holds', async t => {
  for (const guard of [mountBelowBase, noSetuidNoDevices, emptyMountPoint, mountedBelowBase]) {
    for (const answer of [
      { exitCode: 1, stderr: 'dataset does not exist\n' },
      { exitCode: undefined, stderr: '' },
    ]) {
      t.match(
        await guard.check(dataset(pretend({ answer }))),
        /^zfs get failed \((?:1\): "dataset does not exist"|undefined\): "")$/,
      )
    }
    for (const text of [
      '',
      answer().replace(`${shop}\tsetuid\toff`, `${shop}\texec\toff`),
      answer().replace('\n', '\n\n'),
    ]) {
      t.match(await reason(guard, text), /^zfs get answered "/)
    }
    const outside = dataset(host(answer()), 'tank/pgd/databasesx', base)
    t.equal(await guard.check(outside), '"tank/pgd/databasesx" is not below tank/pgd/databases')
  }
})

t.test('a mount lands where the base and the name say', async t => {
  const local = 'local'
  for (const [of, ofBase, words] of [
    [{ type: ['volume', '-'] }, {}, /is a "volume"$/],
    [{ type: ['snapshot', '-'] }, {}, /is a "snapshot"$/],
    [{ canmount: ['off', local] }, {}, /has canmount=off$/],
    [{ mountpoint: ['/etc', local] }, {}, /would be mounted at "\/etc", not at \/srv\/databases\/shop$/],
    [{ mountpoint: ['/srv/databases/shop', local] }, {}, /has a mountpoint of its own \("local"\)$/],
    [{ mountpoint: ['/srv/databases/shop', 'received'] }, {}, /of its own \("received"\)$/],
    [{ mountpoint: ['/srv/databases/shop', 'temporary'] }, {}, /of its own/],
    [{ mountpoint: ['/srv/databases/shop', 'not inherited from tank'] }, {}, /of its own/],
    [{ mountpoint: ['/srv/databases/shop', 'inherited from tank\rx'] }, {}, /of its own/],
    [{ mountpoint: ['/srv/databases/shop', 'inherited from tank/pgd/databasesx'] }, {}, /of its own/],
    [{ mountpoint: ['/srv/databases/shop', 'inherited from tank/pgd/databases/shop'] }, {}, /of its own/],
    [{ mountpoint: ['/srv/databases/shop/', 'inherited from tank'] }, {}, /would be mounted at/],
    [{ mountpoint: ['none', local] }, { mountpoint: ['none', local] }, /databases has mountpoint="none"$/],
    [{ mountpoint: ['legacy', local] }, { mountpoint: ['legacy', local] }, /has mountpoint="legacy"$/],
    [{ mountpoint: ['//shop', local] }, { mountpoint: ['/', local] }, /has mountpoint="\/"$/],
    [{ mountpoint: ['/a/../etc/shop', local] }, { mountpoint: ['/a/../etc', local] }, /has mountpoint="\/a\/..\/etc"$/],
  ] as [Table, Table, RegExp][]) {
    t.match(await reason(mountBelowBase, answer(of, ofBase)), words)
  }
  for (const source of ['default', 'inherited from tank', 'inherited from tank/pgd', `inherited from ${base}`]) {
    t.equal(await reason(mountBelowBase, answer({ mountpoint: [`${root}/shop`, source] })), undefined, source)
  }
  const deep = `${base}/shop/main`
  const subject = dataset(host(answer({}, {}, deep)), deep, { dataset: base, depth: 2 })
  t.equal(await mountBelowBase.check(subject), undefined, 'at any depth that the policy names')
})

t.test('setuid and devices are both off', async t => {
  const on = (...names: string[]) =>
    reason(noSetuidNoDevices, answer(Object.fromEntries(names.map(name => [name, ['on', 'default']]))))
  t.equal(await on(), undefined)
  t.equal(await on('setuid'), `${shop} has setuid=on`)
  t.equal(await on('devices'), `${shop} has devices=on`)
  t.equal(await on('setuid', 'devices'), `${shop} has setuid=on and devices=on`)
})

t.test('a mount hides nothing and follows no link', async t => {
  const point = `${root}/shop`
  const at = (place: string, look: Look) => reason(emptyMountPoint, answer(), { places: { ...places, [place]: look } })
  t.equal(await reason(emptyMountPoint), undefined, 'a directory that is not there will be made')
  t.equal(await at(point, directory()), undefined, 'an empty one will do')
  t.equal(await at(point, directory({ entries: 1 })), `${point} is not empty`)
  for (const place of ['/', '/srv', root, point]) {
    t.equal(await at(place, directory({ uid: 1000 })), `${place} belongs to the account 1000`)
    for (const mode of [0o777, 0o775, 0o757, 0o1777]) {
      t.equal(await at(place, directory({ mode })), `${place} may be written by others than root`)
    }
    for (const kind of ['link', 'file', 'other'] as const) {
      t.equal(await at(place, directory({ kind })), `${place} is a ${kind} and no directory`)
    }
  }
  t.match(await reason(emptyMountPoint, answer({ mountpoint: ['legacy', 'local'] })), /has mountpoint="legacy"$/)
})

t.test(
  'a dataset that is mounted already is left to zfs, and anything else that is mounted there is in the way',
  async t => {
    const point = `${root}/shop`
    const own = { [point]: directory({ uid: 999, entries: 5 }) }
    const seen = (around: Pretended['places'], ...mounts: Parameters<typeof mountinfo>) =>
      reason(emptyMountPoint, answer(), {
        files: { '/proc/1/mountinfo': mountinfo(...mounts) },
        places: { ...places, ...own, ...around },
      })
    const mounted = (...mounts: Parameters<typeof mountinfo>) => seen({}, ...mounts)
    t.equal(await mounted([point, shop]), undefined)
    t.equal(await mounted([point, shop, 'fuse.zfs']), undefined)
    t.equal(await mounted([point, shop, 'tmpfs']), `"${shop}" is mounted at ${point}`)
    t.equal(await mounted([point, shop], [point, 'other']), `"other" is mounted at ${point}`)
    t.equal(await mounted([point, 'tank/other'], [point, shop]), undefined, 'what is above counts')
    for (const place of ['/', '/srv', root]) {
      const words = `${place} belongs to the account 999`
      t.equal(
        await seen({ [place]: directory({ uid: 999 }) }, [point, shop]),
        words,
        'the way there is looked at all the same',
      )
    }
    await t.rejects(reason(emptyMountPoint, answer(), { files: {} }), /mountinfo cannot be read/)
  },
)

t.test('what is unmounted is the dataset itself, below the base', async t => {
  const point = `${root}/shop`
  const mounted = (...mounts: Parameters<typeof mountinfo>) =>
    reason(mountedBelowBase, answer(), { files: { '/proc/1/mountinfo': mountinfo(...mounts) } })
  t.equal(await mounted(), undefined, 'zfs says that it is not mounted')
  t.equal(await mounted([point, shop]), undefined)
  t.equal(await mounted([point, shop], ['/etc', 'tank/other']), undefined)
  t.equal(await mounted(['/etc', shop]), `${shop} is mounted at "/etc"`)
  t.equal(await mounted([`${root}x`, shop]), `${shop} is mounted at "${root}x"`)
  t.equal(await mounted([root, shop]), `${shop} is mounted at "${root}"`)
  t.equal(await mounted([point, shop], ['/mnt', shop]), `${shop} is mounted at "/mnt"`)
  t.equal(await mounted([point, shop], [point, 'sshfs', 'fuse.sshfs']), `"sshfs" is mounted over ${shop}`)
  t.equal(await mounted([point, 'other', 'tmpfs'], [point, shop]), undefined)
  t.equal(await mounted(['/etc', shop, 'tmpfs']), undefined, 'which another file system of its name is not')
  t.match(await reason(mountedBelowBase, answer({}, { mountpoint: ['none', 'local'] })), /has mountpoint="none"$/)
})
