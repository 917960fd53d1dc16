import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createBroker } from '../../packages/privexec/src/index.ts'
import { attacks } from './attacks.ts'
import { aliceSteps, appstoreSteps, type Scene } from './scenario.ts'
import type { Step } from './step.ts'

// actor.ts appstore|alice: the steps of one unprivileged account on the throwaway host, as that account. Writes one line
// of JSON per step, and at the end the path of its audit file.
const account = process.argv[2] === 'alice' ? 'alice' : 'appstore'
const report = (step: Step): void => void process.stdout.write(`${JSON.stringify(step)}\n`)
const part = `${account}, an unprivileged account in a read-only mount namespace`

const mounts = (): string[][] =>
  readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map(line => line.split(' '))

report(surroundings())
const broker = await createBroker({ policy: account === 'alice' ? 'policies/pgd.yaml' : 'policies/appstore.yaml' })
const scene: Scene = {
  broker,
  report,
  part,
  mountOf: dataset => mounts().find(([source]) => source === dataset)?.[1],
  standIn: false,
}
await (account === 'alice' ? aliceSteps(scene) : appstoreSteps(scene))
await broker.close()
for (const attack of attacks.filter(each => each.account === account)) report(tryAttack(attack))
process.stdout.write(`${JSON.stringify({ audit: broker.policy.audit.file })}\n`)

/** What this process may do by itself: nothing. */
function surroundings(): Step {
  const status = readFileSync('/proc/self/status', 'utf8')
  const capabilities = /^CapEff:\t(.*)$/m.exec(status)?.[1]
  const root = mounts().findLast(([, target]) => target === '/')?.[3] ?? ''
  const isReadOnly = root.split(',').includes('ro')
  const uid = process.getuid?.()
  return {
    part,
    title: 'starts without any privilege',
    ok: uid !== 0 && /^0+$/.test(capabilities ?? '') && isReadOnly,
    lines: [`uid ${uid}, effective capabilities ${capabilities}, / is mounted ${isReadOnly ? 'ro' : 'rw'}`],
  }
}

/** Asks sudo directly. That it fails is not enough: sudo must have refused it. */
function tryAttack({ title, argv }: (typeof attacks)[number]): Step {
  const began = performance.now()
  const { status, stderr } = spawnSync('/usr/bin/sudo', ['-n', '--', ...argv], {
    cwd: '/',
    env: { LC_ALL: 'C' },
    encoding: 'utf8',
    timeout: 10_000,
  })
  const ok = status === 1 && /^(?:sudo: a password is required|Sorry, user .* is not allowed to execute)/m.test(stderr)
  const lines = stderr.trimEnd().split('\n').filter(Boolean)
  return {
    part: `Attacks around the library, asked of sudo by ${account} itself`,
    title,
    argv: ['sudo', '-n', '--', ...argv],
    lines: [...lines, ok ? 'refused by sudo' : `NOT refused: exit status ${status}`],
    ms: performance.now() - began,
    ok,
  }
}
