import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { insideHost, installDropIn, prepareHost, removeDropIn, starRules } from './prepare.ts'
import { runAs } from './service.ts'

const skip = insideHost() ? false : 'needs the throwaway host: node test/host/run.ts -- tap test/host/*.test.ts'
if (skip === false) prepareHost({ zfs: true })

const shop = 'tank/pgd/databases/shop/main'
const zfs = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync('/usr/sbin/zfs', args, { encoding: 'utf8' })
  return { status, stdout, stderr }
}
const isMounted = (): boolean => readFileSync('/proc/1/mounts', 'utf8').includes(`${shop} /${shop} `)

t.test('the pool has the datasets of the policy, and only the host has opened it', { skip }, async s => {
  s.strictSame(zfs('list', '-H', '-o', 'name').stdout.trim().split('\n'), [
    'tank',
    'tank/other',
    'tank/pgd',
    'tank/pgd/databases',
    'tank/pgd/databases/shop',
    shop,
  ])
  s.strictSame(
    zfs('get', '-Hp', '-o', 'value', 'mountpoint,canmount,mounted,setuid,devices', shop).stdout.trim().split('\n'),
    [`/${shop}`, 'noauto', 'no', 'off', 'off'],
  )
})

t.test('a mount through sudo is a real one, seen by the host and the service', { skip }, async s => {
  installDropIn('zfs-star', starRules)
  s.teardown(() => removeDropIn('zfs-star'))
  const way = ['sudo', '-n', '/usr/bin/nsenter', '--mount=/proc/1/ns/mnt', '--', '/usr/sbin/zfs']
  s.notOk(isMounted())
  s.match(await runAs('alice', [...way, 'mount', shop]), { exitCode: 0 })
  s.teardown(() => zfs('unmount', shop))
  s.ok(isMounted())
  s.match((await runAs('alice', ['cat', '/proc/self/mounts'])).stdout, `${shop} /${shop} `)
  spawnSync('touch', [`/${shop}/file`])
  s.match(await runAs('alice', [...way, 'mount', shop]), { exitCode: 1, stderr: /filesystem already mounted/ })
  s.match(await runAs('alice', [...way, 'unmount', shop]), { exitCode: 0 })
  s.notOk(isMounted())
  s.notOk(existsSync(`/${shop}/file`), 'what was written is in the dataset')
  s.match(await runAs('alice', [...way, 'unmount', shop]), { exitCode: 1, stderr: /not currently mounted/ })
  s.match(await runAs('alice', [...way, 'mount', 'tank/nosuch']), { exitCode: 1, stderr: /dataset does not exist/ })
  s.match(await runAs('mallory', [...way, 'mount', shop]), { exitCode: 1, stderr: /a password is required/ })
})
