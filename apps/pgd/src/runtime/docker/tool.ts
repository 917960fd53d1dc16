import { stat } from 'node:fs/promises'
import { finished } from 'node:stream'
import { escapeValue } from '@broker/privexec/escape'
import { throwIfCancelled } from '../../errors/cancel.ts'
import { isPgdError, PgdError } from '../../errors/error.ts'
import type { Tool, ToolEnd } from '../runtime.ts'
import type { Account } from './account.ts'
import type { Engine } from './engine.ts'
import { EngineRefusal, engineGone, translate } from './failure.ts'
import { readFrames } from './frames.ts'
import { toolOptions } from './options.ts'
import { Collector, streamFailure } from './output.ts'
import { spooled, spooledArgv } from './spool.ts'

/** Runs one program in a container of its own, which is gone afterwards, also when this fails or is cancelled. */
export function runTool(engine: Engine, account: Account, tool: Tool): Promise<ToolEnd> {
  const { stdin, stdout, ...rest } = tool
  const isDirect = engine.traits.name === 'docker' || (stdin === undefined && stdout === undefined)
  if (isDirect) return runContainer(engine, account, tool)
  const argv = spooledArgv(tool)
  return spooled(account, tool, spool =>
    runContainer(engine, account, { ...rest, argv }, { spool, name: tool.argv[0] }),
  )
}

async function runContainer(
  engine: Engine,
  account: Account,
  tool: Tool,
  { spool, name: program }: { readonly spool?: string; readonly name: string } = { name: tool.argv[0] },
): Promise<ToolEnd> {
  const { signal, volume } = tool
  throwIfCancelled(signal)
  if (volume !== undefined && !(await isDirectory(volume))) {
    throw new PgdError('PGD_NOT_MOUNTED', `There is no directory ${escapeValue(volume, 200)} for ${program}`)
  }
  let id: string | undefined
  let hasEnded = false
  let inputFailure: unknown
  const asking = new AbortController()
  const output = new Collector(program, tool.stdout)
  const remove = async (): Promise<void> => {
    if (id !== undefined && !hasEnded) await engine.remove(id)
  }
  // What goes wrong then is told by the streams, which end.
  const cancel = (): void => void remove().catch(() => {})
  signal?.addEventListener('abort', cancel)
  // A pipe does not tell that its source broke, and the program would wait for ever.
  const unwatch =
    tool.stdin &&
    finished(tool.stdin, { writable: false }, failure => {
      if (failure == null) return
      inputFailure = failure
      cancel()
    })
  const check = (): void => {
    throwIfCancelled(signal)
    if (inputFailure !== undefined) throw streamFailure(program, 'read its input', inputFailure)
  }
  try {
    id = await engine.create(toolOptions(tool, account, engine.traits, spool))
    const [streams, { exit }] = await Promise.all([
      engine.attach(id, tool.stdin !== undefined),
      engine.whenRemoved(id, asking.signal),
    ])
    check()
    streams.on('error', () => {}) // also told to who reads it
    tool.stdin?.pipe(streams)
    const read = (async () => {
      for await (const frame of readFrames(streams)) await output.take(frame)
    })()
    read.catch(() => {})
    await engine.start(id)
    const broken = await read.then(
      () => undefined,
      error => error,
    )
    tool.stdin?.unpipe(streams)
    if (isPgdError(broken)) throw broken
    // Podman breaks off where a program does not read its input; the engine itself may be well.
    if (broken !== undefined) await engine.remove(id)
    const exitCode = await exit
    hasEnded = true
    check()
    if (broken !== undefined && exitCode === 0) throw streamFailure(program, 'give all its output', broken)
    return { exitCode, ...output.end() }
  } catch (error) {
    await remove().catch(() => {})
    asking.abort()
    check()
    if (isPgdError(error)) throw error
    if (error instanceof EngineRefusal) throw translate(error, program)
    throw engineGone(engine.socket, error)
  } finally {
    output.release()
    unwatch?.()
    signal?.removeEventListener('abort', cancel)
  }
}

const isDirectory = (path: string): Promise<boolean> =>
  stat(path).then(
    found => found.isDirectory(),
    () => false,
  )
