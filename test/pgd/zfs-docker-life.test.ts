import { rmSync } from 'node:fs'
import t from 'tap'
import { imageVersion } from '../host/docker.ts'
import { insideHost, prepareHost } from '../host/prepare.ts'
import { Account } from './support/account.ts'
import { main } from './support/cli.ts'
import { chapters } from './support/life/life.ts'
import { remains } from './support/life/remains.ts'
import { Life } from './support/life/world.ts'
import { records, ZfsPool } from './support/zfs-pool.ts'

/*
 * A project's life on user-space ZFS, by the verbs of the root-side broker, with Docker; PGD_CROWD says how many branches
 * are made at once (4 by default), PGD_WHOLE=1 leaves nothing out. The virtual machine shows the same on OpenZFS.
 */
const skip = insideHost()
  ? false
  : 'runs in a throwaway host: node test/host/run.ts -- tap test/pgd/zfs-docker-life.test.ts'
t.setTimeout(600_000)

if (skip !== false) t.pass('nothing to do', { skip })
else {
  prepareHost({ zfs: true, docker: true })
  const pool = new ZfsPool('life', '2G')
  // The files of this folder share one host.
  let before: ReadonlySet<string> = new Set()
  t.teardown(() => pool.leave())
  await t.test('root sets pgd up', { bail: true }, async s => {
    // The host keeps a directory of this name for another transport.
    rmSync(records, { recursive: true, force: true })
    const { status, stderr } = pool.setup('--yes')
    s.equal(status, 0, stderr)
    await pool.startBroker()
    before = new Set(remains(pool.base))
    s.notOk([...before].some(one => one.includes('shop')))
  })
  const account = new Account({
    become: ['setpriv', '--reuid=alice', '--regid=alice', '--init-groups', '--reset-env', '--'],
    env: { HOME: '/home/alice', PATH: process.env.PATH ?? '', NODE_OPTIONS: '--conditions=@broker/source' },
    pgd: [process.execPath, main],
  })
  const life = new Life({
    ...{ account, runtime: 'docker', hasClones: true, version: ['--pg-version', String(imageVersion())] },
    ...{ crowd: Number(process.env.PGD_CROWD ?? 4), traces: () => remains(pool.base).filter(one => !before.has(one)) },
  })
  const isWhole = process.env.PGD_WHOLE === '1'
  for (const { title, live, isGeneral } of chapters) {
    const other = isGeneral && !isWhole && 'lived over plain directories; PGD_WHOLE=1 lives it here too'
    await t.test(title, { bail: true, skip: other || false }, () => live(life))
  }
}
