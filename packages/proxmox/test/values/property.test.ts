import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../privexec/test/support/property.ts'
import { device, features, mountPoint, net, type PropertyString, rootfs, startup } from '../../src/index.ts'
import { deviceArb, featuresArb, mountPointArb, netArb, rootfsArb, startupArb } from '../support/arbitrary.ts'

// biome-ignore lint/suspicious/noExplicitAny: codecs of all types
const codecs: readonly (readonly [string, PropertyString<any>, fc.Arbitrary<object>])[] = [
  ['net', net, netArb],
  ['rootfs', rootfs, rootfsArb],
  ['mp', mountPoint, mountPointArb],
  ['features', features, featuresArb],
  ['dev', device, deviceArb],
  ['startup', startup, startupArb],
]

for (const [name, codec, values] of codecs) {
  t.test(`${name}: what is written is read as the same`, async t => {
    await holds(
      t,
      fc.property(values, value => isDeepStrictEqual(codec.parse(codec.print(value, name)), value)),
    )
  })

  t.test(`${name}: what a newer Proxmox adds is kept when it is written back`, async t => {
    const others = fc.dictionary(fc.stringMatching(/^x[a-z-]{1,6}$/), fc.stringMatching(/^[a-z0-9=;/]{0,8}$/), {
      minKeys: 1,
    })
    await holds(
      t,
      fc.property(values, others, (value, more) => {
        const text = codec.print({ ...value, others: more }, name)
        const read = codec.parse(text)
        return isDeepStrictEqual({ ...read?.others }, { ...more }) && codec.print(read, name) === text
      }),
    )
  })

  t.test(`${name}: no text breaks the reader, and no value leaves its key`, async t => {
    await holds(
      t,
      fc.property(fc.string(), text => {
        const read = codec.parse(text)
        return read === undefined || typeof read === 'object'
      }),
    )
    const hostile = fc.constantFrom('a,b=c', 'a\nb', 'x,', ',', 'a\0b')
    await holds(
      t,
      fc.property(fc.constantFrom(...codec.keys), hostile, (key, value) => {
        try {
          codec.print({ name: 'eth0', volume: 'local:1', mp: '/x', path: '/dev/x', [key]: value }, name)
          return false
        } catch (error) {
          return (error as { code?: string }).code === 'PROXMOX_INPUT_INVALID'
        }
      }),
    )
  })
}

t.test('configurations as Proxmox writes them are read', async t => {
  t.same(net.parse('name=eth0,bridge=vmbr0,firewall=1,hwaddr=BC:24:11:00:00:01,ip=dhcp,type=veth'), {
    name: 'eth0',
    bridge: 'vmbr0',
    firewall: true,
    hwaddr: 'BC:24:11:00:00:01',
    ip: 'dhcp',
    type: 'veth',
  })
  t.same(rootfs.parse('local:104/vm-104-disk-0.raw,size=4G'), { volume: 'local:104/vm-104-disk-0.raw', size: '4G' })
  t.same(mountPoint.parse('volume=zfs:subvol-1,mp=/data,backup=1,size=8G'), {
    volume: 'zfs:subvol-1',
    mp: '/data',
    backup: true,
    size: '8G',
  })
  t.same(features.parse('keyctl=1,nesting=1'), { keyctl: true, nesting: true })
  t.same(startup.parse('3,up=10'), { order: 3, up: 10 })
  t.same(mountPoint.parse('/mnt/host,mp=/x'), { volume: '/mnt/host', mp: '/x' })
})

t.test('what lacks its required keys is nothing', async t => {
  t.equal(net.parse('bridge=vmbr0'), undefined)
  t.equal(mountPoint.parse('mp=/x'), undefined)
  t.equal(rootfs.parse(''), undefined)
})

t.test('a key that is not understood stays as it is', async t => {
  const text = 'name=eth0,mtu=1,tag=x,ip=nonsense'
  const read = net.parse(text)
  t.same(read, { name: 'eth0', others: { mtu: '1', tag: 'x', ip: 'nonsense' } })
})
