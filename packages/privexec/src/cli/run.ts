import { open } from 'node:fs/promises'
import { userInfo } from 'node:os'
import type { Content } from '../argument/staged-content.ts'
import { createBroker } from '../broker/create.ts'
import type { Command } from '../command/command.ts'
import { contentField } from '../command/slots.ts'
import { isPrivexecError, type PrivexecError } from '../errors/error.ts'
import type { RunOptions } from '../execute/options.ts'
import type { Policy } from '../policy/policy.ts'
import { logDirectory } from '../render/sudoers.ts'
import { parseDuration } from './duration.ts'
import { report, unreadable, usage } from './failure.ts'
import { findPolicy, withRequest } from './find-policy.ts'
import { bytesOf, findCommand, parseInput } from './input.ts'
import { openTerminal } from './terminal.ts'
import { leaveClosedOutputAlone, print, verb } from './verb.ts'

/** `privexec run COMMAND JSON`: exit status of the program, or of the error where it did not come to that. */
export const run = verb({
  command: 'run <command> <input>',
  describe: 'Run a command under a policy; output, input and exit status are those of the program',
  builder: yargs =>
    withRequest(yargs, 'Input as JSON')
      .option('timeout', { type: 'string', requiresArg: true, describe: 'Less time than the policy gives: 30s, 5m' })
      .option('stdin', { type: 'boolean', default: false, describe: 'Pass standard input on to the program' })
      .option('terminal', {
        type: 'boolean',
        default: false,
        describe: 'Run it on a terminal of its own, with this one',
      })
      .option('content', { type: 'string', requiresArg: true, describe: 'File to push; standard input otherwise' })
      .option('audit-file', { type: 'string', requiresArg: true, describe: "Audit file instead of the policy's" })
      .example(`$0 run pct.exec '{"vmid":20001,"command":["id"]}' --policy appstore`, 'Run id in a container')
      .example(
        `$0 run pct.push '{"vmid":20001,"destination":"/etc/app.conf"}' --policy appstore <app.conf`,
        'Push a file',
      ),
  run: async ({
    command: id,
    input: text,
    policy: name,
    timeout,
    stdin,
    content,
    'audit-file': audit,
    json,
    ...more
  }) => {
    const command = findCommand(id)
    const limit = timeout === undefined ? undefined : parseDuration('timeout', timeout)
    const [policy, input] = await Promise.all([findPolicy(name), parseInput(text)])
    const usesStdin = await addContent(command, input, content)
    if (stdin && usesStdin) throw usage('standard input is the content here: give --content, or no --stdin')
    const broker = await createBroker({ policy, ...auditOf(policy, audit) })
    const cancelling = cancelOnSignals()
    leaveClosedOutputAlone()
    let terminal: ReturnType<typeof openTerminal> | undefined
    try {
      if (more.terminal) terminal = openTerminal(json)
      const result = await broker.run(command, input, {
        signal: cancelling.signal,
        timeout: limit,
        ...(stdin || terminal ? { stdin: process.stdin } : {}),
        ...(terminal ? { terminal } : {}),
        // In JSON the output is part of the answer; otherwise it goes through as it comes, as fast as it is read.
        ...(json ? {} : { onStdout: passOn(process.stdout), onStderr: passOn(process.stderr) }),
        ...caller(),
      })
      return json ? { data: result, text: '' } : 0
    } catch (error) {
      if (!isProgramFailure(error)) throw error
      if (json || error.failure !== undefined || error.exitCode === 0) report(error, json)
      return error.exitCode || error.exit
    } finally {
      cancelling.stop()
      terminal?.close()
      await broker.close()
      // A terminal that nobody types into would keep the process alive.
      if (stdin || usesStdin || terminal) process.stdin.destroy()
      await print('')
    }
  },
})

/** Puts the bytes in place that the command wants; true when they come from standard input. */
async function addContent(
  command: Command,
  input: Record<string, unknown>,
  file: string | undefined,
): Promise<boolean> {
  const field = contentField(command.argv)
  if (field === undefined) {
    if (file !== undefined) throw usage(`${command.id} takes no content`)
    return false
  }
  if (input[field] !== undefined) {
    if (file !== undefined) throw usage(`content is given twice, by --content and in the field ${field}`)
    input[field] = bytesOf(field, input[field])
    return false
  }
  input[field] = file === undefined ? process.stdin : await opened(file)
  return file === undefined
}

/** Opened here, with the rights of the caller: root never sees the path. */
async function opened(file: string): Promise<Content> {
  try {
    const handle = await open(file)
    if ((await handle.stat()).isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' })
    return handle.createReadStream()
  } catch (error) {
    throw unreadable(file, error, (error as NodeJS.ErrnoException).code)
  }
}

/** Through sudo, root's records would make the principal's file root's; it has one of its own. */
function auditOf({ name, transport }: Policy, file: string | undefined): { audit?: { file: string } } {
  if (file !== undefined) return { audit: { file } }
  const isOurs = userInfo().uid === 0 && transport === 'sudo'
  return isOurs ? { audit: { file: `${logDirectory}/root-${name}.jsonl` } } : {}
}

/** Through sudo, root is somebody: the record says who. */
function caller(): Pick<RunOptions, 'caller'> {
  const { SUDO_UID: id, SUDO_USER: name } = process.env
  return userInfo().uid === 0 && id !== undefined && name !== undefined ? { caller: { id, name } } : {}
}

function cancelOnSignals(): { signal: AbortSignal; stop: () => void } {
  const controller = new AbortController()
  const cancel = (name: NodeJS.Signals) => controller.abort(new Error(name))
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const each of signals) process.on(each, cancel)
  const stop = () => {
    for (const each of signals) process.off(each, cancel)
  }
  return { signal: controller.signal, stop }
}

/** Writes chunks and waits for each, so that a slow reader slows the program. */
const passOn = (stream: NodeJS.WriteStream) => (chunk: Buffer) =>
  new Promise<void>((resolve, reject) => stream.write(chunk, error => (error ? reject(error) : resolve())))

const isProgramFailure = (error: unknown): error is PrivexecError =>
  isPrivexecError(error) && error.code === 'PRIVEXEC_PROGRAM_FAILED'
