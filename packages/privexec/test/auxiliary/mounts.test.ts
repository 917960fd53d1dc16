import t from 'tap'
import { mountOf, parseMounts } from '../../src/auxiliary/mounts.ts'

const text = `\
52 51 0:41 / / ro,relatime master:23 - overlay root rw,lowerdir=/,upperdir=/u
84 52 0:65 / /proc rw,relatime master:43 - proc proc rw,hidepid=invisible
97 52 0:41 /var/log/privexec /var/log/privexec rw,relatime - overlay root rw
98 52 0:42 / /srv/a\\040b rw,nosuid shared:1 master:2 - zfs tank/a\\040b rw,xattr
99 52 0:43 / /mnt rw - ext4 /dev/sda ro
`

t.test('the mount through which a path is seen decides whether it can be written', async t => {
  const mounts = parseMounts(text)
  t.equal(mountOf(mounts, '/var/log')?.readOnly, true)
  t.equal(mountOf(mounts, '/var/log/privexec')?.readOnly, false)
  t.equal(mountOf(mounts, '/var/log/privexec/x')?.readOnly, false)
  t.equal(mountOf(mounts, '/var/log/privexec2')?.readOnly, true)
  t.equal(mountOf(mounts, '/mnt/x')?.readOnly, true, 'the file system itself is read-only')
  t.equal(mountOf([], '/x'), undefined)
})

t.test('blanks in names, and options of both sides, are read', async t => {
  const [, proc, , blank] = parseMounts(text)
  t.match(blank, { point: '/srv/a b', source: 'tank/a b', type: 'zfs', options: ['rw', 'nosuid', 'rw', 'xattr'] })
  t.ok(proc?.options.includes('hidepid=invisible'))
  t.strictSame(parseMounts('nonsense\n'), [])
})
