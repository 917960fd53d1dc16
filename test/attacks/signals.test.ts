import { readdirSync } from 'node:fs'
import { verifyAudit } from '../../packages/privexec/src/audit/verify.ts'
import { attack } from './support/attack.ts'
import { ask, execFrame, speak } from './support/frames.ts'
import { askNaive, withNaive } from './support/naive/naive.ts'
import { endProcessesWith, eventually, processes, processesWith, readOrNothing } from './support/processes.ts'
import { askStore, daemonOf, rootPolicies } from './support/root-side.ts'
import { any, read, setScene } from './support/scene.ts'
import { trace } from './support/trace.ts'

setScene()

/** Operations that come and go; the whole run of a release makes more. */
const turns = Number(process.env.ATTACK_TURNS ?? 1000)
const sleeping = (): string[] => processesWith('sleep 4501').filter(line => line === 'sleep 4501')
const begun = () => eventually(() => sleeping().length > 0)

/** Children of a process that ended and that it did not wait for. */
const defunct = (pid: number | undefined): number[] =>
  processes().filter(each => {
    const status = readOrNothing(`/proc/${each}/status`)
    return status.includes(`PPid:\t${pid}\n`) && status.includes('State:\tZ')
  })

const lastCode = (file: string): string => JSON.parse(read(file).trimEnd().split('\n').at(-1) ?? '{}').event?.code

attack({
  id: 'A50',
  title: 'a signal to the helper loses no operation, and many operations leave no process or descriptor behind',
  shown: 'a helper that is told to end leaves the program that it started running, and no line in its log',
  baseline: () =>
    withNaive(async child => {
      const asked = askNaive('appstore', [{ user: 'appstore', verb: 'exec', vmid: 20001, command: ['sleep', '4501'] }])
      await begun()
      child.kill('SIGTERM')
      await asked
      const stayed = sleeping().length > 0
      endProcessesWith('sleep 4501')
      return stayed
    }),
  ours: {
    daemon: async () => {
      const policy = rootPolicies.store()
      const lost = await any(['SIGTERM', 'SIGINT'] as const, async signal => {
        const daemon = await daemonOf(policy)
        const asked = askStore([execFrame(['sleep', '4501'])])
        if (!(await begun())) throw new Error('it did not begin')
        daemon.child.kill(signal)
        const [answer] = await asked
        await eventually(() => daemon.child.exitCode !== null)
        const { ok, unfinished } = await verifyAudit(daemon.policy.audit.file)
        trace({ signal, answer: answer?.last, exit: daemon.child.exitCode })
        const isTold = answer?.last.interruption === 'stopped' && answer.last.ended === true
        return !isTold || daemon.child.exitCode !== 0 || !ok || unfinished.length > 0 || sleeping().length > 0
      })
      // HUP is for log rotation, and ends nothing. USR1 is Node's for a debugger, in which any account could run code as root.
      const daemon = await daemonOf(policy)
      daemon.child.kill('SIGUSR1')
      const asked = askStore([execFrame(['sh', '-c', 'sleep 1; echo on'])])
      await eventually(() => processesWith('sleep 1').length > 0)
      daemon.child.kill('SIGHUP')
      const goesOn = (await asked)[0]?.stdout === 'on\n' && daemon.child.exitCode === null
      const hasDebugger = /debugger/i.test(daemon.said()) || read('/proc/net/tcp').includes('0100007F:240D')
      return (
        lost ||
        !goesOn ||
        hasDebugger ||
        lastCode(daemon.policy.audit.file) !== 'PRIVEXEC_OK' ||
        (await leavesSomething())
      )
    },
  },
  onDaemon: {
    stoppedBy:
      'TERM and INT end what runs, record it and tell the callers; HUP opens the records anew, USR1 opens no debugger; each child is waited for and its descriptors are closed',
    remains:
      'as process 1 of a container, which it is not meant to be, it would not adopt orphans: give such a container an init',
  },
  notApplicable: { sudo: 'nothing of ours stays: sudo ends with its command, and passes signals on' },
})

/** Makes many short operations, and looks for children that nobody waited for, and for descriptors. */
async function leavesSomething(): Promise<boolean> {
  const { child } = await daemonOf(rootPolicies.probe({ limits: { running: 16, queue: 64, perMinute: 1_000_000 } }))
  const descriptors = () => readdirSync(`/proc/${child.pid}/fd`).length
  const nothing = ask('probe_root', { command: 'test.nothing', input: { name: 'tank/x' } })
  const many = (count: number) =>
    speak(
      'appstore',
      Array.from({ length: count }, () => nothing),
      { together: 12 },
    )
  await many(50)
  const before = descriptors()
  for (let done = 0; done < turns; done += 250) {
    const heard = await many(Math.min(250, turns - done))
    if (heard.some(({ last }) => last.exitCode !== 0)) throw new Error('one of them failed')
  }
  await eventually(() => defunct(child.pid).length === 0 && descriptors() <= before, 3000)
  trace({ before, after: descriptors(), defunct: defunct(child.pid) })
  return defunct(child.pid).length > 0 || descriptors() > before
}
