import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, copyFileSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { bundleRoot } from '../../packages/privexec/scripts/bundle.ts'
import { dropInName, renderSudoers } from '../../packages/privexec/src/render/sudoers.ts'
import { endOperation } from '../../packages/privexec/src/transport/sudo/paths.ts'
import { installDropIn, prepareHost } from '../host/prepare.ts'
import { startAs } from '../host/service.ts'
import { startDaemon } from '../root/support/daemon.ts'
import { benchPolicy, rootCommands, rootPolicyText, starRules } from './policy.ts'
import { preferUs } from './prefer.ts'

// Root's part, in the throwaway host: installs the policy, puts the logs on the disk behind /out, starts the account.

prepareHost({ containers: true, zfs: true })
const policy = await benchPolicy()
installDropIn(dropInName(policy.name), renderSudoers(policy))
installDropIn('bench_star', starRules)
mkdirSync(dirname(endOperation), { recursive: true })
copyFileSync(join(import.meta.dirname, '../../packages/privexec/libexec/end-operation'), endOperation)
chmodSync(endOperation, 0o755)

// The host's own files are in memory, where a sync costs nothing: the figures need a disk.
const bound = spawnSync('mount', ['--bind', '/out', '/var/log/privexec'], { stdio: 'inherit' })
if (bound.status !== 0) process.exit(70)
const { uid, gid } = statSync('/var/lib/appstore')
const logs = dirname(policy.audit.file)
mkdirSync(logs, { mode: 0o750 })
chownSync(logs, uid, gid)

preferUs()
const daemon = await startDaemon(rootPolicyText, { entry: await bundled(), commands: rootCommands })
const spawner = spawn(process.execPath, [join(import.meta.dirname, 'root/spawner.ts')], {
  stdio: ['pipe', 'pipe', 'inherit'],
})
const script = join(import.meta.dirname, 'account.ts')
const child = await startAs('appstore', [process.execPath, script, ...process.argv.slice(2)], {
  stdio: ['ignore', 'inherit', 'inherit', spawner.stdin, spawner.stdout],
})
child.once('close', async code => {
  spawner.kill()
  await daemon.stop()
  if (code !== 0) process.stderr.write(daemon.said())
  process.exitCode = code ?? 70
})

/** The root-side broker as one file, as it is installed. */
async function bundled(): Promise<string> {
  const out = '/usr/local/lib/privexec-bench/privexecd.js'
  await bundleRoot(out, join(import.meta.dirname, 'root/privexecd.ts'))
  return out
}
