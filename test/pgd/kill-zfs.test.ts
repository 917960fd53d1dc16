import { spawnSync } from 'node:child_process'
import t from 'tap'
import { imageVersion } from '../host/docker.ts'
import { insideHost, prepareHost } from '../host/prepare.ts'
import { Person } from './support/cli.ts'
import { killsWanted, testKills } from './support/kills.ts'
import { containers, datasets, files, processes } from './support/traces.ts'
import { startZfsBroker } from './support/zfs-broker.ts'

/*
 * `pgd` is killed at random moments over ZFS, by the broker, with Docker, or with PGD_KILLS_RUNTIME=process without; PGD_KILLS
 * says how often (4 by default).
 */
const skip = insideHost() ? false : 'needs the throwaway host: node test/host/run.ts -- tap test/pgd/kill-zfs.test.ts'
const kills = killsWanted(4)
const runtime = process.env.PGD_KILLS_RUNTIME ?? 'docker'
t.setTimeout(180_000 + kills * 60_000)

const run = (program: string, ...args: string[]): void => {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
}

/** Makes a pool that holds more than that of the other tests, and starts the broker for it. */
async function prepare(): Promise<void> {
  prepareHost({ zfs: true, docker: runtime === 'docker' })
  run('truncate', '-s', '2G', '/var/lib/kills.img')
  run('/usr/sbin/zpool', 'create', 'kills', '/var/lib/kills.img')
  t.teardown(() => void spawnSync('/usr/sbin/zpool', ['destroy', 'kills']))
  run('/usr/sbin/zfs', 'create', '-o', 'compression=on', 'kills/pgd')
  run('/usr/sbin/zfs', 'create', '-o', 'setuid=off', '-o', 'devices=off', base)
  const daemon = await startZfsBroker('kills')
  t.teardown(() => daemon.stop())
}
const base = 'kills/pgd/databases'

t.test('what a kill interrupted is repaired by one command, on ZFS', { skip }, async main => {
  await prepare()
  const person = new Person({ account: 'alice', env: { PGD_RUNTIME: runtime, PGD_STORE: `zfs:${base}` } })
  main.teardown(() => person.leave())
  const isDocker = runtime === 'docker'
  const version = isDocker ? ['--pg-version', String(imageVersion())] : []
  const outside = () => [...datasets(base), ...(isDocker ? containers() : [])]
  await testKills(
    main,
    { person, version, traces: () => [...files(person), ...processes(person), ...outside()] },
    kills,
  )
})
