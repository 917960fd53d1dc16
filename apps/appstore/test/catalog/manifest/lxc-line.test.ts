import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../../../packages/privexec/test/support/property.ts'
import { devicesOf, type LxcLine, parseLxcLine } from '../../../src/catalog/manifest/lxc-line.ts'

t.test('the five kinds of lines are read in their parts', async t => {
  t.match(parseLxcLine('lxc.cgroup.devices.allow = b 7:* rw'), { key: 'device', type: 'b', major: 7, access: 'rw' })
  t.match(parseLxcLine('lxc.mount.entry: tmpfs run/x tmpfs rw,size=10M 0 0'), { key: 'mount', source: 'tmpfs' })
  t.match(parseLxcLine('lxc.mount.auto: proc:rw sys:ro'), { key: 'auto', values: ['proc:rw', 'sys:ro'] })
  t.match(parseLxcLine('lxc.environment: A=b=c d'), { key: 'environment', name: 'A', value: 'b=c d' })
})

t.test('what would reach further is refused with a reason', async t => {
  const bad = [
    'lxc.hook.pre-start: /bin/sh',
    '# comment',
    'lxc.environment: A=b\nlxc.hook.pre-start: /x',
    'lxc.mount.entry: /dev/net/tun dev/net/tun none bind\rlxc.hook.start: x',
    'lxc.cgroup2.devices.allow: a',
    'lxc.cgroup2.devices.allow: c *:* rwm',
    'lxc.cgroup2.devices.allow: b 8:0 rwm x',
    'lxc.mount.entry: /dev/dri/../../etc etc none bind',
    'lxc.mount.entry: relative x none bind',
    'lxc.mount.entry: /dev/x ../../etc none bind',
    'lxc.mount.entry: /dev/x /abs none bind',
    'lxc.mount.entry: /dev/x x ext4 bind',
    'lxc.mount.entry: /dev/x x none bind,idmap=container',
    'lxc.mount.entry: /dev/x x none bind 1 1',
    'lxc.mount.auto: cgroup:rw:force evil',
    'lxc.environment: LD_PRELOAD=/x',
    'lxc.environment: path=/x',
    'lxc.environment: 1A=x',
    'lxc.apparmor.profile: unconfined',
    'lxc.include: /x',
    '',
    `lxc.environment: A=${'x'.repeat(600)}`,
  ]
  for (const text of bad) t.type(parseLxcLine(text), 'string', JSON.stringify(text))
})

t.test('a line that is read is one line of printable characters, and is kept as it is', async t => {
  const piece = fc.constantFrom(
    'lxc.mount.entry',
    'lxc.environment',
    'lxc.cgroup2.devices.allow',
    ': ',
    ' = ',
    '/dev/dri',
    'dev/dri',
    ' none ',
    'bind',
    ',',
    'A=b',
    'c 10:200 rwm',
    '\n',
    '\r',
    '..',
    '#',
    ' ',
  )
  await holds(
    t,
    fc.property(fc.array(piece, { maxLength: 10 }), pieces => {
      const text = pieces.join('')
      const line = parseLxcLine(text)
      return typeof line === 'string' || (line.text === text && /^lxc\.[ -~]+$/.test(text) && !text.includes('\n'))
    }),
    { numRuns: 2000 },
  )
})

t.test('devices that lines mount are found', async t => {
  const lines = [
    'lxc.mount.entry: /dev/net/tun dev/net/tun none bind,create=file',
    'lxc.mount.entry: /srv/x srv none bind',
  ]
  t.same(devicesOf(lines.map(text => parseLxcLine(text) as LxcLine)), ['/dev/net/tun'])
})
