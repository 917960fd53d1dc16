import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { verifyAudit } from '../../packages/privexec/src/audit/verify.ts'
import { endOperation } from '../../packages/privexec/src/transport/sudo/paths.ts'
import { startAs } from '../host/service.ts'
import { attack } from './support/attack.ts'
import type { Session } from './support/client.ts'
import { ask, execFrame, speak } from './support/frames.ts'
import { exec, library } from './support/library.ts'
import { endProcessesWith, eventually, growth, processesWith } from './support/processes.ts'
import { daemonOf, libraryByRoot, rootPolicies } from './support/root-side.ts'
import { any, as, legalExec, markerOf, pct, policyText, read, root, setScene, sudo } from './support/scene.ts'

setScene()

/** Every way to stay: ignored signals, a group and a session of its own, no parent, stopped. All sleep for 42xx seconds. */
const stay = [
  'sh',
  '-c',
  [
    'trap "" TERM HUP INT QUIT;',
    'sleep 4201 &',
    'setsid sleep 4202 &',
    '(setsid sh -c "trap \\"\\" TERM; sleep 4203 & sleep 4204" &);',
    'sh -c "kill -STOP \\$\\$; sleep 4205" &',
    'sleep 4206',
  ].join(' '),
]
const left = (): string[] => processesWith('sleep 420').filter(line => !/client\.ts|JSON/.test(line))
const begun = () => eventually(() => processesWith('sleep 4206').some(line => line === 'sleep 4206'))

/** What a program does today: a time limit that kills the process that it started, which is sudo. */
const naive = `const [limit, ...argv] = process.argv.slice(1)
require('child_process').execFile('/usr/bin/sudo', ['-n', '--', ...argv], { timeout: Number(limit), killSignal: 'SIGKILL' }, () => process.exit())`

attack({
  id: 'A35',
  title: 'nothing of an operation is left after its time limit, however it tries to stay',
  shown: 'a time limit of `execFile` ends, at best, sudo: what root started goes on',
  stoppedBy:
    'a program of root, allowed by the same drop-in, ends all processes that carry the marker of the operation, and their descendants, by SIGKILL',
  baseline: async () => {
    const argv = [process.execPath, '-e', naive, '700', ...pct('exec', '20001', '--', ...stay)]
    const client = await startAs('appstore', argv, { stdio: 'ignore' })
    await begun()
    await eventually(() => client.exitCode !== null, 2000)
    client.kill('SIGKILL')
    const stayed = left().length > 0
    endProcessesWith('sleep 420')
    return stayed
  },
  ours: {
    library: () =>
      any([{ timeout: 700 }, { cancelAfter: 700 }], async more => {
        const [answer] = await library('appstore', [exec(stay, more)])
        const ended =
          answer?.ended === true && ['PRIVEXEC_TIMED_OUT', 'PRIVEXEC_CANCELLED'].includes(String(answer.code))
        return !ended || left().length > 0
      }),
    root: async () => {
      // Ending an operation ends no process of another one.
      const bystander = await startAs(
        'appstore',
        ['/usr/bin/sudo', '-n', '--', ...legalExec(20001, ['sleep', '4299'])],
        {
          stdio: 'ignore',
        },
      )
      await eventually(() => processesWith('sleep 4299').length > 1)
      const [answer] = await library('appstore', [exec(['sleep', '4298'], { timeout: 300 })])
      const survives = processesWith('sleep 4299').some(line => line === 'sleep 4299')
      endProcessesWith('sleep 4299')
      await once(bystander, 'close')
      return !survives || answer?.ended !== true
    },
    daemon: () =>
      any([{ timeout: 700 }, { cancelAfter: 700 }], async more => {
        const [answer] = await libraryByRoot('appstore', [exec(stay, more)])
        const ended =
          answer?.ended === true && ['PRIVEXEC_TIMED_OUT', 'PRIVEXEC_CANCELLED'].includes(String(answer.code))
        return !ended || left().length > 0
      }),
  },
  onDaemon: {
    stoppedBy:
      'root is the parent: it ends the control group of the operation, where there is one, and all that carries its marker',
  },
})

/** The policy of the app store with a time limit that a test can wait for. */
const short = policyText('appstore').replace('timeout: 30m', 'timeout: 2s')
const killedAudit = '/var/lib/appstore/killed-audit.jsonl'
/** Processes of root that hold an operation of these tests; those in the container are not root's. */
const ofRoot = (): string[] =>
  processesWith('sleep 4206').filter(line => /lxc-attach|pct exec|^\/usr\/bin\/sudo/.test(line))

/** Starts a client of the library, waits until root works for it, and kills it. */
async function killClient(policy = short): Promise<void> {
  const session: Session = { policy, requests: [exec(stay)], ...(policy === short ? { audit: killedAudit } : {}) }
  const script = join(import.meta.dirname, 'support/client.ts')
  const client = await startAs('appstore', [process.execPath, script], {
    cwd: root,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  client.stdin?.end(JSON.stringify(session))
  await begun()
  client.kill('SIGKILL')
  await once(client, 'close')
}

attack({
  id: 'A36',
  title: 'a client that is killed leaves no root process running for ever, and no operation unrecorded',
  shown: 'after kill -9 of the client, what root started goes on without an end',
  stoppedBy:
    'the TIMEOUT of the rule ends root’s own process; the intent without an outcome names the operation, and who comes next ends the rest of it by that name',
  remains:
    'sudo does not see that its caller died, so root’s process lives until its time limit, and what hides in the container until a successor ends the operation',
  policies: [short],
  baseline: async () => {
    const client = await startAs(
      'appstore',
      [process.execPath, '-e', naive, '0', ...pct('exec', '20001', '--', ...stay)],
      {
        stdio: 'ignore',
      },
    )
    await begun()
    client.kill('SIGKILL')
    await once(client, 'close')
    const gone = await eventually(() => ofRoot().length === 0, 5000)
    endProcessesWith('sleep 420')
    return !gone
  },
  ours: {
    root: async () => {
      rmSync(killedAudit, { force: true })
      await killClient()
      const gone = await eventually(() => ofRoot().length === 0, 9000)
      return !gone
    },
    audit: async () => {
      const { ok, unfinished } = await verifyAudit(killedAudit)
      if (!ok || unfinished.length !== 1) return true
      // A successor, such as the service after its restart.
      await sudo('appstore', [endOperation, `appstore-${unfinished[0]?.operation}`])
      return left().length > 0
    },
    sudo: async () => {
      const marker = markerOf('appstore').split('=')[1] ?? ''
      const others = [
        '',
        '1',
        `pgd-${marker.split('-')[1]}`,
        `${marker} x`,
        `../${marker}`,
        marker.toUpperCase(),
        `${marker}\n`,
      ]
      const results = await Promise.all(
        others.map(other => as('appstore', ['/usr/bin/sudo', '-n', '--', endOperation, other])),
      )
      return results.some(({ exitCode }) => exitCode === 0)
    },
    daemon: async () => {
      const policy = rootPolicies.store()
      const { file } = (await daemonOf(policy)).policy.audit
      await killClient(policy)
      const gone = await eventually(() => left().length === 0, 9000)
      const last = () => JSON.parse(read(file).trimEnd().split('\n').at(-1) ?? '')
      const recorded = await eventually(() => last().event.code === 'PRIVEXEC_CALLER_GONE')
      const { ok, unfinished } = await verifyAudit(file)
      return !gone || !recorded || !ok || unfinished.length > 0
    },
  },
  onDaemon: {
    stoppedBy:
      'the kernel closes the connection of a client that dies, and root ends the operation at once, in the container too, and records it',
  },
})

/** What a program does today: collects all output. */
const collects = `const { execFile } = require('child_process'); const before = process.memoryUsage.rss()
execFile('/usr/bin/sudo', ['-n', '--', ...process.argv.slice(1)], { maxBuffer: Infinity, encoding: 'buffer' }, () => console.log(process.memoryUsage.rss() - before))`

const megabyte = 1024 * 1024
/** Writes blocks of 64 KiB; 15,260 of them are 1 GB. */
const zeros = (blocks: number): string[] => ['dd', 'if=/dev/zero', 'bs=65536', `count=${blocks}`]

attack({
  id: 'A37',
  title: 'endless output neither fills the memory of the caller nor outlives its limit',
  shown: '300 MB of output are 300 MB of memory in a program that collects it',
  stoppedBy:
    'output goes through callbacks with back-pressure, or is limited to 16 MiB, at which the operation is ended',
  baseline: async () => {
    const flood = pct('exec', '20001', '--', ...zeros(4_578))
    const { stdout } = await as('appstore', [process.execPath, '-e', collects, ...flood])
    return Number(stdout) > 200 * megabyte
  },
  ours: {
    library: async () => {
      const [, gigabyte, endless, line] = await library('appstore', [
        exec(zeros(1_526), { counts: true }),
        exec(zeros(15_260), { counts: true }),
        exec(['yes', 'x'.repeat(2000)]),
        exec(['cat', '/dev/zero']),
      ])
      const isWhole = gigabyte?.exitCode === 0 && gigabyte.counted === 15_260 * 65_536
      const isLimited = [endless, line].every(
        answer => answer?.code === 'PRIVEXEC_OUTPUT_LIMIT' && answer.ended === true && answer.collected < 17 * megabyte,
      )
      if (!isWhole || !isLimited) return true
      const isLeft = processesWith('cat /dev/zero').some(text => text === 'cat /dev/zero')
      // A collector that is short of time lags behind, yet far from the gigabyte that went through.
      return Number(gigabyte?.grown) > 192 * megabyte || isLeft
    },
    daemon: async () => {
      const grant = { command: 'pct.exec', where: { vmid: '20000-20999' }, guard: { pool: 'appstore' }, timeout: '5m' }
      const policy = rootPolicies.store({ grants: [grant] })
      const { child } = await daemonOf(policy)
      let whole = 0
      const grown = await growth(child.pid, async () => {
        const [answer] = await libraryByRoot('appstore', [exec(zeros(8192), { counts: true })], { policy })
        whole = Number(answer?.counted)
        // One that asks for an endless output, and does not read it for a while.
        const deaf = { ...ask('store_root', execFrame(['cat', '/dev/zero'])), deaf: true, patience: 1 }
        await speak('appstore', [{ ...deaf, steps: [...deaf.steps, { pause: 1500 }] }])
      })
      const isOver = await eventually(() => !processesWith('cat /dev/zero').some(text => text === 'cat /dev/zero'))
      return whole !== 8192 * 65_536 || grown > 96 * megabyte || !isOver
    },
  },
  onDaemon: {
    stoppedBy:
      'back-pressure through to the program: root holds no more than what the socket takes, measured over 512 MiB and with a client that does not read',
  },
})
