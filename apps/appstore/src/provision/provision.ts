import { throwIfCancelled } from '../errors/cancel.ts'
import { AppstoreError } from '../errors/error.ts'
import { redactor } from '../secrets/redact.ts'
import { type Inputs, type ProvisionApp, secretValues } from './app.ts'
import { buildArchive } from './archive.ts'
import { bootstrap, directoryOf, unpack } from './bootstrap.ts'
import type { GuestDoor } from './door.ts'
import { type ProvisionEvent, parseLine, withTexts } from './events.ts'
import { lineReader } from './lines.ts'
import { type Ending, failureOf } from './outcome.ts'
import { largestRequest, requestOf } from './request.ts'

/** What an app's script can be asked to do. */
export type ProvisionAction = 'install' | 'configure' | 'healthcheck' | 'upgrade' | 'uninstall'

export interface ProvisionOptions {
  readonly guest: GuestDoor
  readonly app: ProvisionApp
  readonly inputs: Inputs
  /** What else must not be shown, such as passwords that the app made in an earlier run. */
  readonly secrets?: readonly string[]
  readonly action: ProvisionAction
  /** Added to the script's environment, such as CONTAINER_IP. */
  readonly env?: Readonly<Record<string, string>>
  /** Events as they come, without secrets but in outputs that are marked so. What it throws ends the run. */
  readonly onEvent?: (event: ProvisionEvent) => void
  readonly signal?: AbortSignal | undefined
}

/** What an app told about itself. */
export interface Provisioned {
  /** By key; the last value counts. */
  readonly outputs: ReadonlyMap<string, { readonly value: string; readonly secret: boolean }>
  /** Warnings of the script, the first hundred. */
  readonly warnings: readonly string[]
}

/** Bytes that a guest may say in one run, and how long the runner has after its own time limit, in milliseconds. */
const mostOutput = 64 * 1024 * 1024
const grace = 60_000
const mostOutputs = 200
const mostWarnings = 100

/**
 * Runs one action of an app in a guest: prepares the guest, pushes the archive unless it is there, hands inputs and
 * secrets to the runner's standard input, and reads what it tells. Safe to repeat, as far as the app's script is.
 * @throws {AppstoreError} `APPSTORE_PROVISION_FAILED`, `APPSTORE_PERMISSION_UNDECLARED`, `APPSTORE_HEALTH_FAILED`,
 * `APPSTORE_TIMED_OUT`, `APPSTORE_CANCELLED`, and those of the guest's door.
 */
export async function provision(options: ProvisionOptions): Promise<Provisioned> {
  const { guest, app, inputs, action, env, onEvent, signal } = options
  const hidden = secretValues(app, inputs, options.secrets)
  const request = requestOf(app, inputs, env, hidden)
  if (Buffer.byteLength(request) > largestRequest) {
    throw new AppstoreError('APPSTORE_INPUT_INVALID', `The inputs of ${app.id} are larger than ${largestRequest} bytes`)
  }
  const archive = await buildArchive(app)
  const directory = directoryOf(app.id, archive.digest)
  throwIfCancelled(signal)
  if ((await bootstrap(guest, app.id, archive.digest, signal)) === 'absent') {
    await guest.push(archive.bytes, `${directory}.tar`, { perms: '0600', signal })
    await unpack(guest, directory, signal)
  }
  const seen = collector(redactor(hidden), onEvent)
  const argv = ['python3', '-I', '-u', `${directory}/runner`, action] as const
  const run = await endable(signal, (either, end) =>
    guest.exec(argv, {
      stdin: request,
      signal: either,
      timeout: app.timeout * 1000 + grace,
      onStdout: chunk => end(() => seen.push(chunk)),
    }),
  )
  seen.end()
  throwIfCancelled(signal)
  const failure = failureOf(app.id, action, { ...run, stderr: seen.hide(run.stderr) }, seen.ending)
  if (failure !== undefined) throw failure
  return { outputs: seen.outputs, warnings: seen.warnings }
}

/**
 * Runs something that a failure of what is done with its output shall end: whatever `end` catches aborts the signal, and is
 * thrown when the run is over. So it does not matter where a door calls back from.
 */
async function endable<T>(
  signal: AbortSignal | undefined,
  run: (signal: AbortSignal, end: (act: () => void) => void) => Promise<T>,
): Promise<T> {
  const own = new AbortController()
  const either = signal === undefined ? own.signal : AbortSignal.any([signal, own.signal])
  const end = (act: () => void): void => {
    if (own.signal.aborted) return
    try {
      act()
    } catch (error) {
      own.abort(error)
    }
  }
  try {
    const result = await run(either, end)
    own.signal.throwIfAborted()
    return result
  } catch (error) {
    throw own.signal.aborted ? own.signal.reason : error
  }
}

/** Reads the runner's stream and keeps what counts of it. */
function collector(hide: (text: string) => string, onEvent: ProvisionOptions['onEvent']) {
  const outputs = new Map<string, { value: string; secret: boolean }>()
  const warnings: string[] = []
  const ending: { -readonly [Key in keyof Ending]: Ending[Key] } = {}
  const lines = lineReader(line => {
    const event = withTexts(parseLine(line), hide)
    // What comes after the end is not the runner's.
    if (ending.done !== undefined) return
    if (event.kind === 'output') {
      if (outputs.size >= mostOutputs && !outputs.has(event.key)) return
      // The guest may be wrong about what is secret; what we gave as one is one.
      const secret = event.secret || hide(event.value) !== event.value
      outputs.set(event.key, { value: event.value, secret })
      onEvent?.({ ...event, secret })
      return
    }
    if (event.kind === 'error') ending.error ??= event
    if (event.kind === 'done') ending.done = event
    if (event.kind === 'log' && event.level === 'warn' && warnings.length < mostWarnings) warnings.push(event.text)
    onEvent?.(event)
  })
  let left = mostOutput
  return {
    outputs,
    warnings,
    ending,
    hide,
    end: lines.end,
    push: (chunk: Buffer): void => {
      left -= chunk.length
      if (left < 0) throw new AppstoreError('APPSTORE_PROVISION_FAILED', 'The guest says more than is read of it')
      lines.push(chunk)
    },
  }
}
