import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runInHost } from '../host/run.ts'

// npm run bench [-- --json --quick --only=CASE,...]: all figures of the library in one run, interleaved, in a throwaway host. Says
// reached or missed, and exits 0 either way: a time is no reason to fail, an operation that fails is.

const options = process.argv.slice(2)
if (options.some(option => !/^--(json|quick|only=[a-z,]+)$/.test(option))) {
  console.error(
    'usage: npm run bench -- [--json] [--quick] [--only=overhead,zfs,root,validation,audit,import,flood,pct | --only=pgd | --only=appstore]',
  )
  process.exit(64)
}
// The app store runs as nobody's root and touches no host.
if (options.includes('--only=appstore')) {
  const argv = ['--conditions=@broker/source', join(import.meta.dirname, 'appstore/run.ts'), ...options]
  process.exit(spawnSync(process.execPath, argv, { stdio: 'inherit' }).status ?? 70)
}
// pgd has a broker, an account and a pool of its own, and takes minutes; its figures are asked for by name.
const isPgd = options.includes('--only=pgd')
for (const script of ['packages/privexec/scripts/build.ts', ...(isPgd ? ['apps/pgd/scripts/build.ts'] : [])]) {
  const path = join(import.meta.dirname, '../..', script)
  const build = spawnSync(process.execPath, [path], { stdio: ['ignore', 'inherit', 'inherit'] })
  if (build.status !== 0) process.exit(70)
}

// /var/tmp outlives a restart, so it lies on a disk, where /tmp may lie in memory.
process.env.HOST_OUT = mkdtempSync('/var/tmp/privexec-bench-')
try {
  chmodSync(process.env.HOST_OUT, 0o755)
  if (!options.includes('--json')) console.log(`logs and audit files on ${fileSystem(process.env.HOST_OUT)}`)
  process.exitCode = runInHost(['node', join(import.meta.dirname, isPgd ? 'pgd/host.ts' : 'host.ts'), ...options])
} finally {
  rmSync(process.env.HOST_OUT, { recursive: true, force: true })
}

function fileSystem(directory: string): string {
  const { stdout } = spawnSync('findmnt', ['-n', '-o', 'FSTYPE,SOURCE', '--target', directory], { encoding: 'utf8' })
  return stdout.trim().replace(/ +/g, ' of ')
}
