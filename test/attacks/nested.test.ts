import { spawnSync } from 'node:child_process'
import { chownSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { attack } from './support/attack.ts'
import { ask, mountFrame, mustRefuse, speak } from './support/frames.ts'
import { library } from './support/library.ts'
import { daemonOf, rootPolicies } from './support/root-side.ts'
import { as, setScene, skip, sudo, zfs } from './support/scene.ts'

setScene({ zfs: true })

const parent = 'tank/pgd/databases/shop/parent'
const nested = `${parent}/nested`
const victim = '/etc/nested.d'
const byRoot = (...args: string[]) => spawnSync('/usr/sbin/zfs', args, { encoding: 'utf8' })

if (skip === false) {
  // The namespace comes first, so that what is mounted later is not made read-only with everything else.
  await as('alice', ['true'])
  mkdirSync(victim, { recursive: true })
  byRoot('create', '-o', 'canmount=noauto', parent)
  byRoot('create', '-o', 'canmount=noauto', nested)
}

/** The owner of a mounted dataset plants a link where the next one would be mounted; whether root followed it. */
async function followed(mount: () => Promise<unknown>): Promise<boolean> {
  byRoot('mount', parent)
  const { uid } = JSON.parse((await as('alice', [process.execPath, '-p', 'JSON.stringify(os.userInfo())'])).stdout)
  chownSync(`/${parent}`, uid, 0)
  rmSync(`/${nested}`, { force: true, recursive: true })
  await as('alice', ['/usr/bin/ln', '-s', victim, `/${nested}`], { readOnly: false })
  await mount()
  const landed = readFileSync('/proc/1/mounts', 'utf8').includes(` ${victim} `)
  byRoot('unmount', nested)
  rmSync(`/${nested}`, { force: true })
  byRoot('unmount', parent)
  return landed
}

/** A policy that mounts at both depths, which one of the app's own would not. */
const deep = rootPolicies.pgd({
  grants: [parent, 'tank/pgd/databases/shop'].map(base => ({ command: 'zfs.mount', where: { base }, timeout: '30s' })),
})

attack({
  id: 'A53',
  title: 'a link that the owner of a mounted dataset plants does not lead the mount of a dataset below it astray',
  shown: 'the owner of a mounted dataset links the place of the next one to a directory of the system',
  stoppedBy: 'a policy names datasets at one depth, so it mounts none below one that its principal could own',
  remains: 'a dataset above it that root mounts by itself must stay owned by root; doctor looks',
  baseline: () => followed(() => sudo('alice', ['/usr/sbin/zfs', 'mount', nested])),
  honest: async () => {
    await library('alice', [{ command: 'zfs.mount', input: { dataset: parent } }])
    const there = readFileSync('/proc/1/mounts', 'utf8').includes(` /${parent} `)
    byRoot('unmount', parent)
    return there
  },
  ours: {
    library: () => followed(() => library('alice', [{ command: 'zfs.mount', input: { dataset: nested } }])),
    sudo: () => followed(() => sudo('alice', zfs('mount', nested))),
    daemon: async () => {
      await daemonOf(deep)
      return followed(async () =>
        mustRefuse(await speak('alice', [ask('pgd_root', mountFrame(nested))]), 'PRIVEXEC_GUARD_REFUSED'),
      )
    },
  },
  onDaemon: {
    stoppedBy:
      'as with sudo; and where a policy says a depth at which it could happen, as it does here, a guard refuses a way that is not root’s alone',
  },
})
