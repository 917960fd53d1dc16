import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { insideHost } from '../host/prepare.ts'
import { runAs } from '../host/service.ts'
import { checkAnswer } from './support/account.ts'
import { startZfsBroker } from './support/zfs-broker.ts'

// A dataset that root made by hand, or received, becomes a branch of alice's. User-space ZFS has no delegation, so that
// root marks it, by what the command says.
const skip = insideHost() ? false : 'needs the throwaway host: node test/host/run.ts -- tap test/pgd/zfs-adopt.test.ts'
const main = join(import.meta.dirname, '../../apps/pgd/src/cli/main.ts')
const top = 'tank/pgd/databases/got'
t.setTimeout(600_000)

const root = (script: string): string => {
  const { status, stdout, stderr } = spawnSync('sh', ['-euc', script], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${script}: ${stderr}`)
  return stdout.trim()
}
const pgd = async (...args: string[]) => {
  const argv = [process.execPath, '--conditions=@broker/source', main, '--runtime', 'process', ...args]
  const { exitCode, stdout, stderr } = await runAs('alice', argv, {
    readOnly: false,
    env: { PATH: process.env.PATH ?? '' },
  })
  return { exitCode, stdout: stdout.trim(), stderr }
}
const adopt = async () => {
  const { exitCode, stdout, stderr } = await pgd('project', 'adopt', 'got', '--json')
  const json = JSON.parse(stdout || stderr)
  checkAnswer(json)
  return { exitCode, json }
}

t.test('a dataset of root becomes a branch, by as many commands as root is told', { skip }, async s => {
  const daemon = await startZfsBroker()
  s.teardown(async () => {
    await daemon.stop()
    spawnSync('/usr/sbin/zfs', ['destroy', '-r', top])
  })
  const bin = `/usr/lib/postgresql/${readdirSync('/usr/lib/postgresql').sort().at(-1)}/bin`
  s.match(await adopt(), { exitCode: 66, json: { error: { code: 'PGD_NOT_FOUND' } } })
  root(`zfs create -o canmount=off ${top} && zfs create -o canmount=noauto ${top}/main && zfs mount ${top}/main
    install -d -m 700 -o alice /home/alice/made
    runuser -u alice -- ${bin}/initdb -A trust -U postgres --locale=C.UTF-8 --no-sync --wal-segsize=1 /home/alice/made/data
    echo 'CREATE TABLE item AS SELECT generate_series(1, 1000) AS id' |
      runuser -u alice -- ${bin}/postgres --single -D /home/alice/made/data postgres
    cp -r /home/alice/made/data /${top}/main/pgdata`)
  const told = await adopt()
  s.match(told, { exitCode: 77, json: { error: { code: 'PGD_REFUSED', hint: /chown -R \d+:\d+ / } } })
  root(/chown .*/.exec(told.json.error.hint)?.[0] ?? 'false')
  root(`zfs unmount ${top}/main`)
  for (const [mark, name] of [
    ['project', top],
    ['volume', `${top}/main`],
  ]) {
    const { exitCode, json } = await adopt()
    s.equal(exitCode, 77, JSON.stringify(json))
    const [, command = 'false'] = /^Root does it by: (zfs set 'pgd:\w+=[\w=,:.-]+' \S+)\. /.exec(json.error.hint) ?? []
    s.match(command, `'pgd:${mark}=`)
    s.ok(command.endsWith(` ${name}`), 'it is about this dataset alone')
    root(command)
  }
  s.match(await adopt(), { exitCode: 73 }, 'nothing is left to adopt')
  s.equal((await pgd('branch', 'start', 'got/main')).exitCode, 0)
  const query = ['--no-psqlrc', '-Atc', 'SELECT count(*) FROM item']
  s.equal((await pgd('connect', 'got/main', '--', ...query)).stdout, '1000', 'by the password that it was given')
  s.equal((await pgd('branch', 'create', 'got/dev')).exitCode, 0)
  s.equal((await pgd('connect', 'got/dev', '--', ...query)).stdout, '1000')
  s.equal((await pgd('project', 'delete', 'got', '--yes')).exitCode, 0)
  s.notMatch(root('zfs list -rH -o name tank/pgd/databases'), top)
})
