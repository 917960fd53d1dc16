import type Docker from 'dockerode'
import type { Server } from '../runtime.ts'
import { keyLabel, portOf } from './labels.ts'

/** What an engine's list tells of a container. */
export type Listed = Pick<Docker.ContainerInfo, 'Id' | 'Labels' | 'State' | 'Status' | 'Created'>

/**
 * A server, as the engine's list has it. The engine says why a container ended only for people, and not whether memory
 * ran out: `isOutOfMemory` comes from a question of its own.
 */
export function serverOf({ Labels, State, Status, Created }: Listed, isOutOfMemory = false): Server {
  const port = portOf(Labels)
  return {
    key: Labels[keyLabel] ?? '',
    ...stateOf(State, Status, isOutOfMemory),
    ...(port === undefined ? {} : { port }),
    // Our containers are made and started at once, and never started again.
    since: Created * 1000,
  }
}

function stateOf(state: string, status: string, isOutOfMemory: boolean): Pick<Server, 'state' | 'reason'> {
  switch (state) {
    case 'running':
      return { state: 'running' }
    case 'restarting':
      return { state: 'starting' }
    case 'exited':
    case 'stopped': {
      const code = exitStatusIn(status)
      return code === 0 ? { state: 'stopped' } : { state: 'failed', reason: endOf(code, isOutOfMemory) }
    }
    case 'paused':
      return { state: 'failed', reason: 'paused by somebody' }
    case 'dead':
      return { state: 'failed', reason: 'the engine could not remove it' }
    default:
      return { state: 'stopped' }
  }
}

/** In `Exited (137) 5 minutes ago`. */
export function exitStatusIn(status: string): number | undefined {
  const code = /^Exited \((\d{1,3})\)/.exec(status)?.[1]
  return code === undefined ? undefined : Number(code)
}

/** 128 and the signal that ended it, as shells have it; 9 is SIGKILL. */
export const killed = 137

/** How a container ended, for people. */
export function endOf(code: number | undefined, isOutOfMemory: boolean): string {
  const how = code === undefined ? 'ended' : `exited with status ${code}`
  return isOutOfMemory ? `${how}, out of memory` : code === killed ? `${how}, killed` : how
}
