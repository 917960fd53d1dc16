import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { bundleRoot } from '../../packages/privexec/scripts/bundle.ts'
import type { Policy } from '../../packages/privexec/src/index.ts'
import { renderCall, renderPortable } from '../../packages/privexec/src/render/portable.ts'
import { dropInName } from '../../packages/privexec/src/render/sudoers.ts'
import { privexecd } from '../../packages/privexec/src/render/units/paths.ts'
import { callPath } from '../../packages/privexec/src/transport/portable/path.ts'
import { compareRoot } from '../equivalence/compare-root.ts'
import { hasCompiler, matcher } from '../equivalence/oracle.ts'
import { type Answer, rootPolicyText } from '../equivalence/root-side.ts'
import { rulesIn, shipped } from '../equivalence/rules.ts'
import { installDropIn, prepareHost, removeDropIn } from '../host/prepare.ts'
import { startAs } from '../host/service.ts'
import { callAs } from '../root/support/client.ts'
import { installRootPolicy, installRootSide } from '../root/support/daemon.ts'
import { scriptOf } from '../root/support/scripts.ts'
import { classic, type Implementation, skip, sudoRs } from './support/implementations.ts'

const both = [classic, ...sudoRs]
/** The portable drop-ins by policy. */
const rules = new Map<string, string>()

if (skip === false) {
  prepareHost({ containers: true, zfs: true })
  installRootSide()
  await bundleRoot(privexecd)
  chmodSync(privexecd, 0o755)
  for (const each of shipped) {
    const { policy } = each
    const installed = await installRootPolicy(await rootPolicyText(each, 'portable'))
    writeFileSync(callPath(policy.name), renderCall(installed, process.execPath), { mode: 0o755 })
    rules.set(policy.name, renderPortable(installed))
    installDropIn(dropInName(policy.name), renderPortable(installed))
  }
  t.teardown(() => {
    for (const { policy } of shipped) removeDropIn(dropInName(policy.name))
  })
}

const usual = '/usr/bin/sudo'

/** Runs something while `sudo` is another one; the host alone sees that. */
async function withSudo(implementation: Implementation, use: () => Promise<void>): Promise<void> {
  if (implementation.sudo === usual) return use()
  renameSync(usual, `${usual}.usual`)
  try {
    copyFileSync(implementation.sudo, usual)
    chmodSync(usual, 0o4755)
    await use()
  } finally {
    renameSync(`${usual}.usual`, usual)
  }
}

/** The root-side broker behind the program that sudo starts, asked by a principal. */
async function onceSide(policy: Policy, user: string) {
  const script = join(import.meta.dirname, 'support/ask.ts')
  const child = await startAs(user, [process.execPath, script, policy.name], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface(child.stdout as NodeJS.ReadableStream)[Symbol.asyncIterator]()
  const ask = async (chunks: readonly Buffer[]): Promise<Answer> => {
    child.stdin?.write(`${Buffer.concat(chunks).toString('base64')}\n`)
    const { value, done } = await lines.next()
    if (done) throw new Error('the principal says nothing')
    return JSON.parse(value) as Answer
  }
  return { policy, ask, end: () => child.stdin?.end() }
}

const count = 16

for (const implementation of both) {
  const { name } = implementation

  for (const { policy, sudoers, user } of shipped) {
    const noCompiler = hasCompiler() ? false : 'needs a C compiler'
    t.test(
      `${policy.name}: one request through ${name} is decided as the library decides`,
      {
        skip: skip || noCompiler,
      },
      async t => {
        await withSudo(implementation, async () => {
          const side = await onceSide(policy, user)
          const found = await compareRoot(policy, side, count, matcher([...rulesIn(sudoers).values()]), 3)
          side.end()
          t.match(found, { asked: count, disagreements: 0, examples: [] })
          t.ok(found.allowed > 2 && found.allowed < count - 2, 'both answers were given often')
        })
      },
    )
  }

  t.test(`the library runs commands through ${name}, and guards are asked`, { skip }, async t => {
    const exec = (vmid: number) => ({ command: 'pct.exec', input: { vmid, command: ['sh', '-c', 'cat; echo out'] } })
    await withSudo(implementation, async () => {
      const push = { command: 'pct.push', input: { vmid: 20_001, destination: '/tmp/pushed' }, content: 'content' }
      const read = { command: 'pct.exec', input: { vmid: 20_001, command: ['cat', '/tmp/pushed'] } }
      const [ran, foreign, missing, pushed, there] = await callAs('appstore', 'appstore', [
        { ...exec(20_001), stdin: 'in\n' },
        exec(104),
        exec(20_002),
        push,
        read,
      ])
      t.match(ran, { exitCode: 0, stdout: 'in\nout\n' })
      t.match(foreign, { code: 'PRIVEXEC_OUT_OF_BOUNDS' }, 'another container')
      t.match(missing, { code: 'PRIVEXEC_GUARD_REFUSED' }, 'a container that is not one of ours')
      t.match(pushed, { exitCode: 0 })
      t.match(there, { stdout: 'content' })
    })
  })
  t.test(`what ${name} says when it starts nothing is understood`, { skip }, async t => {
    const call = { command: 'pct.exec', input: { vmid: 20_001, command: ['true'] } }
    const answer = async (start: readonly string[] = []) => {
      const child = await startAs('appstore', [...start, ...scriptOf('appstore')], {
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      child.stdin?.end(JSON.stringify([call]))
      return JSON.parse(await text(child.stdout as NodeJS.ReadableStream))
    }
    await withSudo(implementation, async () => {
      t.match(await answer(['setpriv', '--no-new-privs', '--']), { code: 'PRIVEXEC_SUDO_MISSING' }, 'no new privileges')
      renameSync(callPath('appstore'), `${callPath('appstore')}.away`)
      try {
        t.match(await answer(), { code: 'PRIVEXEC_PROGRAM_MISSING' }, 'no program')
      } finally {
        renameSync(`${callPath('appstore')}.away`, callPath('appstore'))
      }
      const { path } = installDropIn(dropInName('appstore'), '# nothing\n')
      try {
        t.match(await answer(), { code: 'PRIVEXEC_SUDO_REFUSED' }, 'no rule')
      } finally {
        writeFileSync(path, rules.get('appstore') ?? '')
      }
    })
  })

  t.test(`an operation through ${name} ends with its caller, and is recorded`, { skip }, async t => {
    await withSudo(implementation, async () => {
      const child = await startAs('appstore', scriptOf('appstore'), { stdio: ['pipe', 'ignore', 'inherit'] })
      const command = ['sh', '-c', 'trap "" TERM HUP; sleep 4711 & sleep 4711']
      child.stdin?.end(JSON.stringify([{ command: 'pct.exec', input: { vmid: 20_001, command } }]))
      await until(() => sleepers().length === 2)
      child.kill('SIGKILL')
      await until(() => sleepers().length === 0)
      t.equal(sleepers().length, 0)
      const { intent, outcome } = await untilDefined(lastOperation)
      t.match(intent, { user: { name: 'appstore' }, labels: { transport: 'portable', vmid: 20_001 } })
      t.match(outcome, { event: { outcome: 'failure', code: 'PRIVEXEC_CALLER_GONE' } })
    })
  })
}

const sleepers = (): string[] =>
  execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' })
    .split('\n')
    .filter(line => line === 'sleep 4711')

interface Entry {
  readonly event: { readonly id: string; readonly type: readonly string[] }
}

/** The last operation of the app store that was started, once it has an outcome. */
function lastOperation(): { readonly intent: Entry; readonly outcome: Entry } | undefined {
  const text = readFileSync('/var/log/privexec/root-appstore/audit.jsonl', 'utf8')
  const entries = text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Entry)
  const intent = entries.findLast(({ event }) => event.type.includes('start'))
  const outcome = entries.find(({ event }) => event.id === intent?.event.id && event.type.includes('end'))
  return intent && outcome ? { intent, outcome } : undefined
}

async function untilDefined<T>(get: () => T | undefined): Promise<T> {
  for (;;) {
    const value = get()
    if (value !== undefined) return value
    await delay(50)
  }
}

const until = (holds: () => boolean): Promise<true> => untilDefined(() => holds() || undefined)
