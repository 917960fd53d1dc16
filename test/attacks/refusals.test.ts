import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { socketPath } from '../../packages/privexec/src/transport/daemon/path.ts'
import { attack } from './support/attack.ts'
import { ask, execFrame, type Heard, mountFrame, pushFrame, speak } from './support/frames.ts'
import { exec } from './support/library.ts'
import { askNaive, withNaive } from './support/naive/naive.ts'
import { daemonOf, libraryByRoot, rootPolicies, stopDaemons } from './support/root-side.ts'
import { underOurs } from './support/rules.ts'
import { appears, inContainer, legalExec, markerOf, pct, ran, read, setScene, skip, sudo } from './support/scene.ts'
import { trace } from './support/trace.ts'

setScene({ containers: true, zfs: true })

const touched = '/root/touched'
const touch = ['touch', touched]
const base = 'tank/pgd/databases/shop'
const byRoot = (...args: string[]) => spawnSync('/usr/sbin/zfs', args)

/** Containers that are not ours, each for another reason; none of them runs. 20555 does not exist. */
const others: Record<number, string> = {
  20010: 'tags: appstore;managed\nunprivileged: 1\n',
  20011: 'unprivileged: 1\n',
  20012: 'tags: appstore;managed\n',
}

if (skip === false) {
  for (const [vmid, text] of Object.entries(others)) writeFileSync(`/etc/pve/lxc/${vmid}.conf`, `arch: amd64\n${text}`)
  writeFileSync('/etc/pve/user.cfg', read('/etc/pve/user.cfg').replace('Apps:20001', 'Apps:20001,20011,20012'))
  mkdirSync('/etc/moved.d', { recursive: true })
  for (const [name, property] of [
    ['moved', 'mountpoint=/etc/moved.d'],
    ['loud', 'setuid=on'],
    ['off', 'canmount=off'],
  ] as const) {
    byRoot('create', '-o', 'canmount=noauto', `${base}/${name}`)
    byRoot('set', property, `${base}/${name}`)
  }
}

/** A policy of the same name for sudo, which would allow what the root-side broker refuses. */
const wide = `policy: store_root
summary: Any container
principal: { user: appstore, service: true }
audit: { file: /var/log/privexec/appstore/wide.jsonl }
grants:
  - { command: pct.exec, where: { vmid: 100-99999 }, timeout: 30s }
`
const sudoLog = '/var/log/privexec/sudo-store_root.json'

attack({
  id: 'A41',
  title: 'what the root-side broker refuses is not tried through sudo, though a rule there would allow it',
  shown:
    'a client that calls sudo after the refusal of a helper enters the container of somebody else by an old star rule',
  baseline: () =>
    withNaive(() =>
      appears(inContainer(104, touched), async () => {
        const [answer] = await askNaive('appstore', [{ user: 'appstore', verb: 'exec', vmid: 104, command: touch }])
        if (answer?.error) await sudo('appstore', pct('exec', '104', '--', ...touch))
      }),
    ),
  ours: {
    daemon: () =>
      underOurs({ policies: [wide] }, async () => {
        const policy = rootPolicies.store({ limits: { running: 1, queue: 1, perMinute: 3 } })
        await daemonOf(policy)
        // The rule is there, and its use would show: in sudo's own log.
        const direct = await sudo('appstore', legalExec(20010, touch, markerOf('store_root')))
        const before = read(sudoLog)
        if (!ran(direct) || !before.includes('20010')) throw new Error('the rule of sudo does not count')
        const codes: unknown[] = []
        const call = async (vmid: number) => {
          const [answer] = await libraryByRoot('appstore', [exec(touch, {}, vmid)], { policy })
          codes.push(answer?.code)
        }
        for (const vmid of [20010, 20555, 20012, 20001]) await call(vmid)
        chmodSync(socketPath('store_root'), 0o600)
        codes.push((await libraryOnce(policy)).code)
        await stopDaemons()
        codes.push((await libraryOnce(policy)).code)
        trace({ codes })
        const guard = 'PRIVEXEC_GUARD_REFUSED'
        const wanted = [guard, guard, guard, 'PRIVEXEC_BUSY', 'PRIVEXEC_PEER_REFUSED', 'PRIVEXEC_DAEMON_UNAVAILABLE']
        if (codes.join() !== wanted.join()) throw new Error(`not the refusals that were meant: ${codes.join()}`)
        return read(sudoLog) !== before || existsSync(inContainer(20001, touched))
      }),
  },
  onDaemon: {
    stoppedBy:
      'the policy names its transport, and the library knows no other for it; install takes the drop-in of an earlier transport away',
  },
  notApplicable: { sudo: 'there is no other way to try: sudo’s refusal is the last word' },
})

/** Asks once more without a daemon that is started for it. */
async function libraryOnce(policy: string): Promise<{ readonly code?: string }> {
  const { library } = await import('./support/library.ts')
  const [answer] = await library('appstore', [exec(touch)], { policy })
  return answer ?? {}
}

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0

/** Whether answers to questions about several things differ, in words or in the time that they take. */
async function tellsApart(user: string, policy: string, frames: readonly object[]): Promise<boolean> {
  const rounds: Heard[][] = []
  for (let round = 0; round < 7; round++) {
    rounds.push(
      await speak(
        user,
        frames.map(frame => ask(policy, frame, 'x')),
        { together: 1 },
      ),
    )
  }
  const words = new Set(
    rounds
      .flat()
      .map(({ last: { operation: _, ...said }, frames: all }) => JSON.stringify([said, all.map(({ name }) => name)])),
  )
  const medians = frames.map((_, at) => median(rounds.map(round => round[at]?.took ?? 0)))
  trace({ words: [...words], medians })
  if (![...words][0]?.includes('GUARD_REFUSED')) throw new Error('not the refusal that was meant')
  // Answers wait for a multiple of 100 ms; what is left is the noise of a machine that does other things too.
  return words.size !== 1 || Math.max(...medians) > 1.8 * Math.min(...medians)
}

const ids = [20010, 20011, 20012, 20555]

attack({
  id: 'A42',
  title:
    'a refusal does not tell whether a container or dataset that is not the caller’s is there, nor of what kind it is',
  shown: 'a helper answers that one container does not exist and that another one is privileged',
  stoppedBy: 'sudo’s refusal is one for all containers outside the range of ids',
  remains: 'inside the range `pct` itself tells, and `zfs` below the base',
  baseline: () =>
    withNaive(async () => {
      const answers = await askNaive(
        'appstore',
        [20012, 20555].map(vmid => ({ user: 'appstore', verb: 'exec', vmid, command: touch })),
      )
      return new Set(answers.map(({ error }) => error?.replace(/\d+/, ''))).size === 2
    }),
  ours: {
    sudo: async () => {
      const refusals: string[] = []
      for (const vmid of [104, 999]) {
        const { exitCode, stderr } = await sudo('appstore', legalExec(vmid, touch))
        refusals.push(`${exitCode} ${stderr.replace(/\d{3}|-[0-9a-f]{32}/g, '')}`)
      }
      return new Set(refusals).size !== 1
    },
    daemon: async () => {
      await Promise.all([daemonOf(rootPolicies.store()), daemonOf(rootPolicies.pgd())])
      const execs = ids.map(vmid => execFrame(touch, vmid))
      const pushes = ids.map(vmid => pushFrame('/root/x', { vmid }))
      const mounts = ['moved', 'loud', 'off', 'nosuch'].map(name => mountFrame(`${base}/${name}`))
      return (
        (await tellsApart('appstore', 'store_root', execs)) ||
        (await tellsApart('appstore', 'store_root', pushes)) ||
        (await tellsApart('alice', 'pgd_root', mounts))
      )
    },
  },
  stillPossible: async () => {
    const said: string[] = []
    for (const vmid of [20012, 20555]) said.push((await sudo('appstore', legalExec(vmid, touch))).stderr)
    return said[0]?.replace(/\d+/g, '') !== said[1]?.replace(/\d+/g, '')
  },
  onDaemon: {
    stoppedBy:
      'one code and one text for all refusals of guards, sent after a multiple of 100 ms; the reason stands in root’s record',
    remains: 'an answer that takes one multiple more than another tells something: on an idle machine none does',
  },
})
