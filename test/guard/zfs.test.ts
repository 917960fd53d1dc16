import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, rmdirSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { insideHost, prepareHost } from '../host/prepare.ts'
import { reason, verdicts } from './check.ts'

const skip = insideHost() ? false : 'needs the throwaway host: node test/host/run.ts -- tap test/guard/*.test.ts'
if (skip === false) prepareHost({ zfs: true })

const base = 'tank/pgd/databases'
const shop = `${base}/shop/main`
const point = `/${shop}`

/** Runs a program that has to succeed. */
function must(program: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
}
const zfs = (...args: string[]): void => must('/usr/sbin/zfs', ...args)

/** Sets a property, and takes it back afterwards. */
function set(s: Test, dataset: string, property: string, value: string): void {
  zfs('set', `${property}=${value}`, dataset)
  s.teardown(() => zfs('inherit', property, dataset))
}

t.test('a dataset that inherits all from the base may be mounted and unmounted', { skip }, async s => {
  const holds = { 'mount-below-base': undefined, 'no-setuid-no-devices': undefined, 'empty-mount-point': undefined }
  s.strictSame(await verdicts('zfs.mount', shop), holds)
  s.strictSame(await verdicts('zfs.unmount', shop), { 'mounted-below-base': undefined })
  zfs('mount', shop)
  s.teardown(() => zfs('unmount', shop))
  chownSync(point, 999, 999)
  writeFileSync(`${point}/PG_VERSION`, '15\n')
  s.strictSame(await verdicts('zfs.mount', shop), holds, 'zfs says itself that it is mounted')
  s.strictSame(await verdicts('zfs.unmount', shop), { 'mounted-below-base': undefined })
  must('mount', '-t', 'tmpfs', 'above', point)
  s.match(await reason('zfs.unmount', shop), /^"above" is mounted over /)
  must('umount', point)
  rmSync(`${point}/PG_VERSION`)
})

t.test('a dataset that does not exist, or lies elsewhere, is refused', { skip }, async s => {
  for (const command of ['zfs.mount', 'zfs.unmount']) {
    s.match(await reason(command, `${base}/none`), /^zfs get failed \(1\): "cannot open .*does not exist"$/)
    s.equal(await reason(command, 'tank/other'), '"tank/other" is not below tank/pgd/databases')
  }
})

t.test('a mount point of its own is refused, wherever it is', { skip }, async s => {
  set(s, shop, 'mountpoint', '/etc')
  s.equal(await reason('zfs.mount', shop), `${shop} would be mounted at "/etc", not at ${point}`)
  zfs('set', `mountpoint=${point}`, shop)
  s.match(await reason('zfs.mount', shop), /has a mountpoint of its own \("local"\)$/)
  zfs('set', 'mountpoint=legacy', shop)
  s.match(await reason('zfs.mount', shop), /would be mounted at "legacy"/)
})

t.test('setuid, devices, a dataset never to be mounted and a volume are refused', { skip }, async s => {
  for (const property of ['setuid', 'devices']) {
    zfs('set', `${property}=on`, shop)
    s.equal(await reason('zfs.mount', shop), `${shop} has ${property}=on`)
    zfs('inherit', property, shop)
  }
  zfs('set', 'canmount=off', shop)
  s.teardown(() => zfs('set', 'canmount=noauto', shop))
  s.equal(await reason('zfs.mount', shop), `${shop} has canmount=off`)
})

t.test('a property of users cannot pass for one of zfs', { skip }, async s => {
  set(s, shop, 'setuid', 'on')
  set(s, shop, 'x:y', `a\n${shop}\tsetuid\toff\tlocal`)
  s.equal(await reason('zfs.mount', shop), `${shop} has setuid=on`)
})

t.test('a mount point that is full, a link, or of somebody else is refused', { skip }, async s => {
  rmSync(point, { recursive: true, force: true })
  s.equal(await reason('zfs.mount', shop), undefined, 'none')
  mkdirSync(point, { mode: 0o755 })
  s.equal(await reason('zfs.mount', shop), undefined, 'empty')
  writeFileSync(`${point}/file`, '')
  s.equal(await reason('zfs.mount', shop), `${point} is not empty`)
  rmSync(`${point}/file`)
  chownSync(point, 999, 999)
  s.equal(await reason('zfs.mount', shop), `${point} belongs to the account 999`)
  rmdirSync(point)
  symlinkSync('/etc', point)
  s.equal(await reason('zfs.mount', shop), `${point} is a link and no directory`)
  unlinkSync(point)
  chmodSync(`/${base}`, 0o777)
  s.teardown(() => chmodSync(`/${base}`, 0o755))
  s.equal(await reason('zfs.mount', shop), `/${base} may be written by others than root`)
})

t.test('a dataset that root mounted elsewhere is not unmounted', { skip }, async s => {
  mkdirSync('/srv/elsewhere', { recursive: true })
  set(s, shop, 'mountpoint', '/srv/elsewhere')
  zfs('mount', shop)
  s.teardown(() => zfs('unmount', shop))
  s.equal(await reason('zfs.unmount', shop), `${shop} is mounted at "/srv/elsewhere"`)
})
