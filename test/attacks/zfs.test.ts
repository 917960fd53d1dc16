import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { diagnose, type Machine, thisMachine } from '../../packages/privexec/src/doctor/diagnose.ts'
import { starRules } from '../host/prepare.ts'
import { attack } from './support/attack.ts'
import { anyAccepted, mountFrame, mustRefuse } from './support/frames.ts'
import { library } from './support/library.ts'
import { askPgd, daemonOf, rootPolicies } from './support/root-side.ts'
import { any, anyRan, as, nsenterRule, policyText, readPolicy, setScene, skip, sudo, zfs } from './support/scene.ts'

setScene({ zfs: true })

const base = 'tank/pgd/databases/shop'
const dataset = `${base}/attacked`
/** A directory of the system, over which nothing must be mounted. */
const victim = '/etc/victim.d'

/** As root, what the machine's administrator does. */
const byRoot = (...args: string[]) => spawnSync('/usr/sbin/zfs', args, { encoding: 'utf8' })

if (skip === false) {
  mkdirSync(victim, { recursive: true })
  byRoot('create', '-o', 'canmount=noauto', dataset)
}

/** What a group has today, of which the verbs beside mount and unmount are meant to be delegated. */
const verbs = ['set', 'receive', 'create', 'allow'].map(
  verb => `%pgd ALL=(root) NOPASSWD: /usr/sbin/zfs ${verb} *, ${nsenterRule} /usr/sbin/zfs ${verb} *\n`,
)
const today = starRules + verbs.join('')

/** Whether something is mounted on a directory, in the host's namespace. */
const covered = (directory: string): boolean =>
  readFileSync('/proc/1/mounts', 'utf8').includes(` ${directory.replaceAll(' ', String.raw`\040`)} `)

/** Mounts a dataset after something was done to it; whether a directory of the system was covered. */
async function mountLandsOnVictim(before: () => Promise<unknown>, mount: () => Promise<unknown>): Promise<boolean> {
  byRoot('unmount', dataset)
  await before()
  await mount()
  const landed = covered(victim)
  byRoot('unmount', dataset)
  byRoot('inherit', 'mountpoint', dataset)
  return landed
}

const mountByFrame = () => askPgd([mountFrame(dataset)])
const refusedMount = async () => mustRefuse(await mountByFrame(), 'PRIVEXEC_GUARD_REFUSED')
const legalMount = () => library('alice', [{ command: 'zfs.mount', input: { dataset } }])
const setByRoot = async () => byRoot('set', `mountpoint=${victim}`, dataset)
/** The ways of the account to move a mount point: with sudo, in both spellings, and without. */
const setByAlice = async () => {
  const argv = ['set', `mountpoint=${victim}`, dataset]
  await sudo('alice', ['/usr/sbin/zfs', ...argv])
  await sudo('alice', zfs(...argv))
  await as('alice', ['/usr/sbin/zfs', ...argv])
}

/** The errors of the doctor about ZFS. */
async function doctorSays(machine: Machine = thisMachine): Promise<string> {
  const findings = await diagnose({ policy: await readPolicy(policyText('pgd')), machine })
  return findings
    .filter(({ check, level }) => check === 'zfs' && level === 'error')
    .map(each => each.message)
    .join('\n')
}

attack({
  id: 'A24',
  title: 'a mount that is allowed does not land over a directory of the system',
  shown: '`zfs set mountpoint=/etc/victim.d` and then `zfs mount` cover a directory of the system',
  stoppedBy:
    'not by the rule: by never delegating `mountpoint`, so that datasets inherit that of the base; doctor reports one that does not',
  remains: 'with `mountpoint` delegated (simulated by root) the permitted mount lands anywhere; doctor says so',
  rules: today,
  baseline: () =>
    mountLandsOnVictim(
      () => sudo('alice', ['/usr/sbin/zfs', 'set', `mountpoint=${victim}`, dataset]),
      () => sudo('alice', ['/usr/sbin/zfs', 'mount', dataset]),
    ),
  honest: async () => {
    await mountLandsOnVictim(async () => {}, legalMount)
    await legalMount()
    const there = covered(`/${dataset}`)
    byRoot('unmount', dataset)
    return there
  },
  ours: {
    sudo: () => mountLandsOnVictim(setByAlice, legalMount),
    daemon: async () => {
      await daemonOf(rootPolicies.pgd())
      // Not only is it not delegated: even where root moved it, as with a delegation, root’s side does not mount.
      const moved = await mountLandsOnVictim(setByRoot, refusedMount)
      mkdirSync(`/${dataset}/in-the-way`, { recursive: true })
      const covers = await mountLandsOnVictim(async () => {}, refusedMount)
      rmSync(`/${dataset}/in-the-way`, { recursive: true })
      return moved || covers
    },
  },
  stillPossible: async () => {
    let said = ''
    const landed = await mountLandsOnVictim(async () => {
      await setByRoot()
      said = await doctorSays()
    }, legalMount)
    return landed && said.includes(`would be mounted at "${victim}", outside of /tank/pgd/databases`)
  },
  onDaemon: {
    stoppedBy:
      'guards ask zfs just before: the mount point is the one inherited from the base, the way there is root’s, nothing is covered',
    honest: async () => {
      await mountByFrame()
      const there = covered(`/${dataset}`)
      await askPgd([mountFrame(dataset, 'unmount')])
      return there && !covered(`/${dataset}`)
    },
  },
})

attack({
  id: 'A25',
  title: 'a file with set-user-id of root does not get in by a stream',
  shown: '`zfs receive` brings a set-user-id program of root, and its mount makes a member of the group root',
  stoppedBy:
    'not by the rule: by never delegating `receive` and by no rule for it; the base has setuid=off devices=off, which children inherit',
  remains:
    'zfs-fuse, on which this runs, ignores setuid=off when it mounts, so here only the property is tested; OpenZFS mounts nosuid',
  rules: today,
  baseline: async () => {
    byRoot('create', 'tank/payload')
    copyFileSync('/usr/bin/id', '/tank/payload/id')
    chmodSync('/tank/payload/id', 0o4755)
    byRoot('snapshot', 'tank/payload@s')
    writeFileSync('/home/alice/stream', spawnSync('/usr/sbin/zfs', ['send', 'tank/payload@s']).stdout)
    return receives('tank/received')
  },
  ours: {
    sudo: async () => {
      const off = byRoot('get', '-H', '-o', 'value', 'setuid,devices', dataset).stdout
      return off !== 'off\noff\n' || (await any([`${base}/received2`, 'tank/received2'], receives))
    },
    daemon: async () => {
      await daemonOf(rootPolicies.pgd())
      const verbs = ['receive', 'recv', 'set'].map(verb => mountFrame(`${base}/received2`, verb))
      if (anyAccepted(await askPgd(verbs))) throw new Error('a verb was taken')
      // Received by root, as with a delegation, with its properties: not mounted while setuid is on.
      const stream = spawnSync('/usr/sbin/zfs', ['send', 'tank/payload@s']).stdout
      spawnSync('/usr/sbin/zfs', ['receive', '-u', `${base}/brought`], { input: stream })
      byRoot('set', 'setuid=on', `${base}/brought`)
      mustRefuse(await askPgd([mountFrame(`${base}/brought`)]), 'PRIVEXEC_GUARD_REFUSED')
      const { stdout } = await as('alice', [`/${base}/brought/id`, '-u'], { readOnly: false })
      return stdout === '0\n' || covered(`/${base}/brought`)
    },
  },
  onDaemon: {
    stoppedBy: 'no such verb; and a guard refuses a dataset whose setuid or devices is not off, however it came there',
  },
})

/** Whether the stream of the account became a program of root that the account runs. */
async function receives(name: string): Promise<boolean> {
  const input = readFileSync('/home/alice/stream')
  await sudo('alice', zfs('receive', name), { input })
  await sudo('alice', ['/usr/sbin/zfs', 'receive', name], { input })
  await as('alice', ['/usr/sbin/zfs', 'receive', name], { input })
  await sudo('alice', zfs('mount', name))
  const { stdout } = await as('alice', [`/${name}/id`, '-u'], { readOnly: false })
  return stdout === '0\n'
}

attack({
  id: 'A27',
  title: 'a mount point that changes between check and mount does not lead the mount astray',
  shown: 'a program looks at the mount point, finds it good, and mounts after somebody set another',
  stoppedBy: 'not by the rule: as for A24, nobody but root can change the property between a check and the mount',
  remains:
    'with `mountpoint` delegated (simulated by root) the race is won, as `zfs mount` takes no target; doctor reports the delegation (A28)',
  rules: today,
  baseline: () =>
    checkedMount(
      () => sudo('alice', ['/usr/sbin/zfs', 'set', `mountpoint=${victim}`, dataset]),
      () => sudo('alice', ['/usr/sbin/zfs', 'mount', dataset]),
    ),
  ours: {
    sudo: () => checkedMount(setByAlice, legalMount),
    daemon: async () => {
      await daemonOf(rootPolicies.pgd())
      return (await checkedMount(setByRoot, refusedMount)) || (await checkedMount(setByAlice, mountByFrame))
    },
  },
  stillPossible: () => checkedMount(setByRoot, legalMount),
  onDaemon: {
    stoppedBy:
      'the check is root’s and the last thing before the mount, so what changed after the caller’s own look is seen',
    remains:
      'between root’s look and the mount are milliseconds, in which whoever had `mountpoint` delegated could still win, as `zfs mount` takes no target; doctor reports the delegation (A28)',
  },
})

/** Mounts only when the mount point is below the base at the time of the look. */
const checkedMount = (meanwhile: () => Promise<unknown>, mount: () => Promise<unknown>): Promise<boolean> => {
  const at = byRoot('get', '-H', '-o', 'value', 'mountpoint', dataset).stdout.trim()
  if (!at.startsWith(`/${base}/`)) throw new Error(`the mount point is ${at} from the beginning`)
  return mountLandsOnVictim(meanwhile, mount)
}

/** What `zfs allow` prints on OpenZFS 2.1 where a group has more than it should; zfs-fuse has no delegation. */
const delegated = (permission: string): string =>
  `---- Permissions on ${base} ------------------------------\nLocal+Descendent permissions:\n\tgroup pgd create,mount,${permission}\n`

/** This machine, but with a delegation. */
const machineThatDelegates = (permission: string): Machine => ({
  ...thisMachine,
  run: async argv =>
    argv[1] === 'allow' ? { exitCode: 0, stdout: delegated(permission), stderr: '' } : thisMachine.run(argv),
})

const dangerous = ['mountpoint', 'receive', 'setuid', 'devices', 'exec', 'sharenfs', 'allow', 'overlay']

attack({
  id: 'A28',
  title:
    'no rule gives a verb or property that delegation must not give, and doctor refuses a machine that delegates one',
  shown: 'rules for `zfs set` and `zfs allow` hand on mount points and permissions of any dataset',
  stoppedBy: 'the policy has mount and unmount and nothing else; doctor reports each dangerous permission as an error',
  remains:
    'not by the rule: a delegation is outside of sudo. zfs-fuse has none, so doctor reads the output of OpenZFS here; `canmount` may be delegated, it moves nothing',
  rules: today,
  baseline: async () => {
    await sudo('alice', ['/usr/sbin/zfs', 'set', `mountpoint=${victim}`, 'tank/other'])
    const moved = byRoot('get', '-H', '-o', 'value', 'mountpoint', 'tank/other').stdout.trim() === victim
    byRoot('inherit', 'mountpoint', 'tank/other')
    return moved
  },
  ours: {
    sudo: () => {
      const changes = dangerous.map(name => ['set', `${name}=on`, dataset])
      const others = [
        'create',
        'destroy',
        'receive',
        'send',
        'rename',
        'clone',
        'promote',
        'rollback',
        'snapshot',
        'inherit',
        'share',
        'upgrade',
      ]
      const uses = [
        ...changes,
        ['allow', 'alice', 'mountpoint', dataset],
        ['allow', '-e', 'mountpoint', dataset],
        ...others.map(verb => [verb, dataset]),
      ]
      return anyRan(
        'alice',
        uses.map(use => zfs(...use)),
      )
    },
    root: async () =>
      any(
        dangerous,
        async permission =>
          !(await doctorSays(machineThatDelegates(permission))).includes(`${permission} is delegated to group pgd`),
      ),
    daemon: async () => {
      const verbs = ['set', 'allow', 'create', 'destroy', 'receive', 'send', 'rename', 'clone', 'inherit', 'share']
      const requests = verbs.map(verb => mountFrame(dataset, verb))
      const more = dangerous.map(name => ({ command: 'zfs.mount', input: { dataset, [name]: 'on' } }))
      return anyAccepted(
        await askPgd([...requests, ...more, mountFrame(`-o${dataset}`), mountFrame(['-o', 'suid', dataset])]),
      )
    },
  },
  onDaemon: {
    stoppedBy:
      'the policy has mount and unmount and nothing else; guards refuse what a delegation could have prepared (A24, A25)',
  },
})

if (skip === false) byRoot('mount', 'tank/other')
