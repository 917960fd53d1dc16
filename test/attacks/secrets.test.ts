import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { argument, defineCommand, option, program, secret } from '../../packages/privexec/src/index.ts'
import { encodeFrame, encodeJson } from '../../packages/privexec/src/wire/frame.ts'
import { attack } from './support/attack.ts'
import { pushFrame, rawBytes, speak } from './support/frames.ts'
import { exec, library, push } from './support/library.ts'
import { installProbe, probeArgv, probePolicy, surroundings } from './support/probe.ts'
import { eventually, processes, readOrNothing } from './support/processes.ts'
import { askStore, daemonOf, libraryByRoot, rootPolicies } from './support/root-side.ts'
import { as, inContainer, legalExec, pct, policyText, read, setScene, skip, sudo } from './support/scene.ts'
import { trace } from './support/trace.ts'

setScene()
if (skip === false) installProbe()

const canary = `secret-${randomBytes(8).toString('hex')}`

/** Whether a text is in an argv, or in the environment of a process of root or of a container, while an action lasts. */
async function seenWhile(text: string, action: () => Promise<unknown>): Promise<boolean> {
  let isOver = false
  const done = action().finally(() => {
    isOver = true
  })
  let seen = false
  while (!isOver) {
    seen ||= processes().some(pid => holds(pid, text))
    await delay(15)
  }
  await done
  return seen
}

function holds(pid: number, text: string): boolean {
  const uid = Number(/^Uid:\s+(\d+)/m.exec(readOrNothing(`/proc/${pid}/status`))?.[1])
  const ofRoot = uid === 0 || uid >= 100_000
  const found =
    readOrNothing(`/proc/${pid}/cmdline`).includes(text) ||
    (ofRoot && readOrNothing(`/proc/${pid}/environ`).includes(text))
  if (found) trace({ pid, uid, cmdline: readOrNothing(`/proc/${pid}/cmdline`) })
  return found
}

/** Whether a text is in any file below a directory. */
const isBelow = (directory: string, text: string): boolean =>
  readdirSync(directory, { recursive: true })
    .map(name => join(directory, String(name)))
    .some(path => statSync(path).isFile() && readFileSync(path, 'latin1').includes(text))

const isOnDisk = (text: string): boolean => isBelow('/var/log', text) || isBelow('/var/lib/privexec', text)

/** Kills the root-side broker while content is on its way to it; whether the next one leaves it on the disk. */
async function staysAfterKill(): Promise<boolean> {
  const { child } = await daemonOf(rootPolicies.store())
  const half = rawBytes(
    encodeJson('request', { protocol: 1, ...pushFrame('/root/half') }),
    encodeFrame('input', Buffer.from(canary)),
  )
  const asked = speak('appstore', [{ policy: 'store_root', steps: [half] }])
  if (!(await eventually(() => isBelow('/var/lib/privexec', canary)))) throw new Error('the content did not arrive')
  child.kill('SIGKILL')
  await asked
  await daemonOf(rootPolicies.store())
  return isOnDisk(canary)
}

const keep = ['sh', '-c', 'cat >/root/secret; sleep 0.4; exit 3']

attack({
  id: 'A30',
  title: 'a secret is in no argv, log, audit record or error message',
  shown: 'somebody without any right reads a password from the command lines in /proc',
  stoppedBy:
    'a secret has no spelling, so no definition can put it into an argv; it goes by standard input or as content',
  baseline: async () => {
    const line = `PASSWORD=${canary} sleep 0.5`
    const running = sudo('appstore', pct('exec', '20001', '--', 'sh', '-c', line))
    let seen = false
    for (let turn = 0; turn < 5 && !seen; turn++) {
      seen = (await as('mallory', ['sh', '-c', 'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " "'])).stdout.includes(
        canary,
      )
    }
    await running
    return seen
  },
  honest: async () => {
    await library('appstore', [push('/root/secret', canary, { perms: '0600' })])
    return read(inContainer(20001, '/root/secret')) === canary
  },
  ours: {
    definition: async () => {
      const takes = (argv: Parameters<typeof defineCommand>[0]['argv']): boolean => {
        try {
          defineCommand({ id: 'test.secret', summary: 'Takes a secret', program: program('/bin/true'), argv })
          return true
        } catch {
          return false
        }
      }
      return takes([argument('password', secret())]) || takes([option('--password', 'password', secret())])
    },
    library: async () => {
      let told = ''
      const seen = await seenWhile(canary, async () => {
        const answers = await library('appstore', [
          exec(keep, { stdin: canary }),
          push('/root/secret', canary),
          push('/nosuch/secret', canary),
          push('../secret', canary),
          { command: 'pct.push', input: { vmid: 20001, destination: '/root/x', content: canary } },
        ])
        told = JSON.stringify(answers)
      })
      return seen || told.includes(canary) || isOnDisk(canary)
    },
    daemon: async () => {
      const daemon = await daemonOf(rootPolicies.store())
      let told = ''
      const seen = await seenWhile(canary, async () => {
        const answers = await libraryByRoot('appstore', [
          exec(keep, { stdin: canary }),
          push('/root/secret', canary),
          push('/nosuch/secret', canary),
        ])
        told = JSON.stringify([
          answers,
          await askStore([pushFrame('/root/x', { content: 1 }), pushFrame('../x')], canary),
        ])
      })
      return (
        seen || told.includes(canary) || daemon.said().includes(canary) || isOnDisk(canary) || (await staysAfterKill())
      )
    },
  },
  remains: 'a secret that a program prints is in its output, and its last line of standard error in the message',
  onDaemon: {
    stoppedBy:
      'as with sudo: a secret goes in frames of bytes, which are written nowhere but to the program or its file; what a killed broker left of them is removed at its next start',
    remains: 'as with sudo',
  },
})

const inEnvironment = `secret-${randomBytes(8).toString('hex')}`

attack({
  id: 'A31',
  title: 'a secret in the environment of the caller reaches no process of root and no container',
  shown: 'where the machine keeps the variable, it is in root’s environment and in that of the container',
  stoppedBy:
    'these commands keep one variable, whatever the machine keeps; the library gives sudo an environment of its own; `--keep-env 0`',
  site: 'Defaults env_keep += "APP_SECRET"\n',
  policies: [policyText('appstore'), probePolicy],
  baseline: async () => {
    const { stdout } = await sudo('appstore', pct('exec', '20001', '--', 'env'), { env: { APP_SECRET: inEnvironment } })
    return stdout.includes(inEnvironment)
  },
  ours: {
    library: async () => {
      let told = ''
      const seen = await seenWhile(inEnvironment, async () => {
        const requests = [exec(['sh', '-c', 'env; sleep 0.3'])]
        told = JSON.stringify(await library('appstore', requests, { before: ['sh', '-c', give, 'sh'] }))
      })
      return seen || told.includes(inEnvironment) || isOnDisk(inEnvironment)
    },
    sudo: async () => {
      const env = { APP_SECRET: inEnvironment }
      const { stdout } = await sudo('appstore', legalExec(20001, ['env']), { env })
      const { env: root } = surroundings((await sudo('appstore', probeArgv, { env })).stdout)
      return stdout.includes(inEnvironment) || JSON.stringify(root).includes(inEnvironment) || isOnDisk(inEnvironment)
    },
    daemon: async () => {
      let told = ''
      const seen = await seenWhile(inEnvironment, async () => {
        const requests = [exec(['sh', '-c', 'env; sleep 0.3'])]
        told = JSON.stringify(await libraryByRoot('appstore', requests, { before: ['sh', '-c', give, 'sh'] }))
      })
      return seen || told.includes(inEnvironment) || isOnDisk(inEnvironment)
    },
  },
  onDaemon: {
    stoppedBy: 'the environment of the caller stays in the caller’s process',
  },
})

/** Sets the variable without an argv that shows it: the text is built by the shell. */
const give = `APP_SECRET="secret-""${inEnvironment.slice('secret-'.length)}"; export APP_SECRET; exec "$@"`
