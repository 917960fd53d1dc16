import fc from 'fast-check'
import t from 'tap'
import { cgroupDirectory } from '../../src/root/cgroup/directory.ts'
import { noTrees } from '../../src/root/tree.ts'
import { holds } from '../support/property.ts'

const mount = (at: string, root = '/', options = 'rw,relatime', type = 'cgroup2'): string =>
  `36 35 0:30 ${root} ${at} ${options} shared:9 - ${type} ${type} rw,nsdelegate`

t.test('the directory of a control group is found where the file system is mounted', async s => {
  const unified = `${mount('/')}`.replace('cgroup2', 'ext4')
  const mounts = [unified, mount('/sys/fs/cgroup/pids', '/', 'rw', 'cgroup'), mount('/sys/fs/cgroup')].join('\n')
  s.equal(cgroupDirectory('0::/system.slice/x.service\n', mounts), '/sys/fs/cgroup/system.slice/x.service')
  s.equal(cgroupDirectory('4:pids:/other\n1:name=systemd:/other\n0::/\n', mounts), '/sys/fs/cgroup')
})

t.test('a hierarchy may be mounted at the root', async s => {
  s.equal(cgroupDirectory('0::/x', mount('/')), '/x')
  s.equal(cgroupDirectory('0::/', mount('/')), '/')
})

t.test('a part of the hierarchy that is mounted holds only what is below it', async s => {
  const mounts = mount('/cgroup', '/a/b')
  s.equal(cgroupDirectory('0::/a/b/c', mounts), '/cgroup/c')
  s.equal(cgroupDirectory('0::/a/b', mounts), '/cgroup')
  for (const path of ['/a', '/a/bc', '/', '/c']) s.equal(cgroupDirectory(`0::${path}`, mounts), undefined, path)
})

t.test('a group outside the namespace, a mount to read only, and version 1 alone are none', async s => {
  s.equal(cgroupDirectory('0::/../x', mount('/c')), undefined)
  s.equal(cgroupDirectory('0::/x', mount('/c', '/', 'ro,nosuid')), undefined)
  s.equal(cgroupDirectory('0::/x', `${mount('/c', '/', 'ro')}\n${mount('/d')}`), '/d/x')
  s.equal(cgroupDirectory('3:cpu:/x', mount('/c')), undefined)
  s.equal(cgroupDirectory('10::/x', mount('/c')), undefined)
  s.equal(cgroupDirectory('0::/x', mount('/c', '/', 'rw', 'cgroup')), undefined)
  s.equal(cgroupDirectory('', ''), undefined)
})

t.test('a mount point with blanks is understood', s => {
  const names = fc.stringMatching(/^[a-z \\\t]{1,12}$/)
  const octal = (text: string): string =>
    text.replace(/[ \\\t]/g, unit => `\\${unit.charCodeAt(0).toString(8).padStart(3, '0')}`)
  const property = fc.property(names, name => cgroupDirectory('0::/x', mount(`/${octal(name)}`)) === `/${name}/x`)
  return holds(s, property)
})

t.test('without control groups a tree does nothing, and says so', async s => {
  s.equal(noTrees.kind, 'marker')
  const tree = noTrees.take()
  s.equal(
    tree.within(() => 7),
    7,
  )
  s.equal(await tree.kill(), 0)
  tree.release()
  noTrees.close()
})
