import { type Broker, isPrivexecError, pctExec, pctPush } from '@broker/privexec'
import { isAppstoreError } from '../errors/error.ts'
import type { ExecOptions, ExecResult, GuestDoor } from '../provision/door.ts'
import { privilegedFailure } from './failure.ts'

/** On whose behalf, for the audit trail. */
export interface Caller {
  readonly id?: string
  readonly name?: string
}

/**
 * The way into a guest by `pct exec` and `pct push` of a policy. Which guest that may be is decided by who makes the door:
 * it was read back from Proxmox to be ours. The policy's range, and root's guards where there are some, hold besides.
 */
export function guestDoor(broker: Pick<Broker, 'run'>, vmid: number, caller?: Caller): GuestDoor {
  const common = { ...(caller === undefined ? {} : { caller }) }
  return {
    exec: async (argv, options = {}) => {
      try {
        const { exitCode, stdout, stderr } = await broker.run(
          pctExec,
          { vmid, command: argv },
          { ...common, ...given(options) },
        )
        return { exitCode, stdout, stderr }
      } catch (error) {
        return programResult(error) ?? fail(`Running ${argv[0]} in guest ${vmid}`, error, options.signal)
      }
    },
    push: async (content, destination, { perms, signal }) => {
      try {
        const input = { vmid, content, destination, perms }
        await broker.run(pctPush, input, { ...common, signal })
      } catch (error) {
        fail(`Pushing a file into guest ${vmid}`, error, signal)
      }
    },
  }
}

const given = ({ stdin, signal, timeout, onStdout }: ExecOptions) => ({
  signal,
  ...(stdin === undefined ? {} : { stdin }),
  ...(timeout === undefined ? {} : { timeout }),
  ...(onStdout === undefined ? {} : { onStdout }),
})

/** A program that ran and failed, or that the guest has not, is a result; that pct could not run it is none. */
function programResult(error: unknown): ExecResult | undefined {
  if (!isPrivexecError(error) || error.code !== 'PRIVEXEC_PROGRAM_FAILED') return undefined
  if (error.exitCode === undefined || error.exitCode === 0) return undefined
  if (error.failure !== undefined && error.failure !== 'programMissing') return undefined
  return { exitCode: error.exitCode, stdout: error.stdout ?? '', stderr: error.stderr ?? '' }
}

/** What the caller's own signal or callback failed with counts more than that the operation ended for it. */
function fail(what: string, error: unknown, signal: AbortSignal | undefined): never {
  if (signal?.aborted && isAppstoreError(signal.reason)) throw signal.reason
  if (isPrivexecError(error) && error.code === 'PRIVEXEC_STREAM_FAILED' && isAppstoreError(error.cause))
    throw error.cause
  throw privilegedFailure(what, error)
}
