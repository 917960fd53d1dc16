import t from 'tap'
import { imageVersion } from '../host/docker.ts'
import { insideHost, prepareHost } from '../host/prepare.ts'
import { Person } from './support/cli.ts'
import { killsWanted, testKills } from './support/kills.ts'
import { containers, files, processes } from './support/traces.ts'

// `pgd` is killed at random moments over plain directories and Docker; PGD_KILLS says how often (4 by default).
const skip = insideHost()
  ? false
  : 'needs the throwaway host: node test/host/run.ts -- tap test/pgd/kill-docker.test.ts'
if (skip === false) prepareHost({ docker: true })
const kills = killsWanted(4)
t.setTimeout(180_000 + kills * 40_000)

t.test('what a kill interrupted is repaired by one command, with containers', { skip }, async main => {
  const person = new Person({ account: 'alice', env: { PGD_RUNTIME: 'docker' } })
  main.teardown(() => person.leave())
  const version = ['--pg-version', String(imageVersion())]
  const traces = () => [...files(person), ...processes(person), ...containers()]
  await testKills(main, { person, version, traces }, kills)
})
