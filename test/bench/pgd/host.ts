import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { bundleRoot } from '../../../packages/privexec/scripts/bundle.ts'
import { policyJson } from '../../../packages/privexec/src/policy/load.ts'
import { prepareHost } from '../../host/prepare.ts'
import { startAs } from '../../host/service.ts'
import { startDaemon } from '../../root/support/daemon.ts'
import { preferAll } from '../prefer.ts'

// Root's part of the figures of pgd: a pool of user-space ZFS on the disk, the broker as it is installed, Docker, and a
// process that runs bare commands for comparison. Everything else is done by alice, who has no rights.

prepareHost({ zfs: true, docker: true })
must('sh', '-c', 'truncate -s 16G /out/bench.img && zpool create bench /out/bench.img')
must('zfs', 'create', 'bench/pgd')
must('zfs', 'create', '-o', 'setuid=off', '-o', 'devices=off', 'bench/pgd/databases')
must('mount', '--bind', '/out', '/var/log/privexec')
mkdirSync('/out/pgd-datasets', { mode: 0o755 })
const { uid, gid } = statSync('/home/alice')
mkdirSync('/out/alice', { mode: 0o700 })
chownSync('/out/alice', uid, gid)
chmodSync('/out', 0o755)

preferAll()
const shipped = join(import.meta.dirname, '../../../policies/examples/user-space-zfs/pgd.yaml')
const text = readFileSync(shipped, 'utf8').replace('/privexec/pgd/', '/privexec/pgd-datasets/')
const out = '/usr/local/lib/privexec-bench/privexecd.js'
await bundleRoot(out)
const daemon = await startDaemon(await policyJson(text.replace('pool: tank', 'pool: bench')), { entry: out })
const spawner = spawn(process.execPath, [join(import.meta.dirname, '../root/spawner.ts')], {
  stdio: ['pipe', 'pipe', 'inherit'],
})
const script = join(import.meta.dirname, 'account.ts')
const argv = [process.execPath, '--conditions=@broker/source', script, ...process.argv.slice(2)]
const child = await startAs('alice', argv, {
  readOnly: false,
  env: { PATH: '/usr/local/bin:/usr/bin:/bin', BENCH_LARGE: process.env.BENCH_LARGE ?? '' },
  stdio: ['ignore', 'inherit', 'inherit', spawner.stdin, spawner.stdout],
})
child.once('close', async code => {
  spawner.kill()
  await daemon.stop()
  if (code !== 0) process.stderr.write(daemon.said())
  process.exitCode = code ?? 70
})

function must(file: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(file, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${file} ${args.join(' ')}: ${stderr}`)
}
