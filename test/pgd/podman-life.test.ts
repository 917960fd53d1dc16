import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { imageVersion } from '../host/docker.ts'
import { insideHost, prepareHost } from '../host/prepare.ts'
import { Account } from './support/account.ts'
import { main } from './support/cli.ts'
import { chapters } from './support/life/life.ts'
import { Life } from './support/life/world.ts'

/*
 * A project's life over plain directories with Podman as the account's own processes: no root anywhere, and nobody's
 * group: its first chapters and its last, or with PGD_WHOLE=1 all of it, with PGD_CROWD branches at once (4 by default).
 */
const skip = insideHost()
  ? false
  : 'runs in a throwaway host: node test/host/run.ts -- tap test/pgd/podman-life.test.ts'
t.setTimeout(1_200_000)

if (skip !== false) t.pass('nothing to do', { skip })
else {
  prepareHost({ podman: true })
  const id = execFileSync('id', ['-u', 'alice'], { encoding: 'utf8' }).trim()
  const account = new Account({
    become: ['setpriv', '--reuid=alice', '--regid=alice', '--clear-groups', '--reset-env', '--'],
    env: {
      HOME: '/home/alice',
      PATH: process.env.PATH ?? '',
      NODE_OPTIONS: '--conditions=@broker/source',
      XDG_RUNTIME_DIR: `/run/user/${id}`,
      // Another test of this folder may have left Docker running.
      DOCKER_HOST: `unix:///run/user/${id}/podman/podman.sock`,
      PGD_STORE: 'directory:/home/alice/podman-databases',
      PGD_RUNTIME: 'docker',
    },
    pgd: [process.execPath, main],
  })
  const podman = async (...args: readonly string[]): Promise<readonly string[]> => {
    const { stdout } = await account.run('podman', '--remote', ...args)
    return stdout.split('\n').filter(Boolean)
  }
  const life = new Life({
    ...{ account, runtime: 'docker', hasClones: false, version: ['--pg-version', String(imageVersion())] },
    ...{ crowd: Number(process.env.PGD_CROWD ?? 4), traces: () => [] },
  })
  const isWhole = process.env.PGD_WHOLE === '1'
  for (const [index, { title, live }] of chapters.entries()) {
    const isShort = index < 4 || index === chapters.length - 1
    const skip = !isShort && !isWhole && 'a container without root takes its time; PGD_WHOLE=1 lives it here too'
    await t.test(title, { bail: true, skip }, () => live(life))
  }
  await t.test('no container and no volume is left', async s => {
    s.teardown(async () => {
      // What stays of the engine has its own view of the mounts, and would keep datasets of other tests busy.
      process.kill(-Number(readFileSync('/run/throwaway-host/podman/pid', 'utf8')), 'SIGKILL')
      await account.run('podman', 'system', 'migrate')
    })
    s.strictSame(await podman('ps', '--all', '--quiet'), [])
    s.strictSame(await podman('volume', 'ls', '--quiet'), [])
    s.match(await podman('info', '--format', '{{.Host.Security.Rootless}}'), ['true'])
  })
}
