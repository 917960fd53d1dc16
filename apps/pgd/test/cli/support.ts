import type { BranchView, Mending, ProjectView, SnapshotView } from '../../src/api.ts'
import type { Id } from '../../src/names/id.ts'

const id = 'kq7m2xw9pd' as Id
const instant = '2026-01-31T08:00:00.000Z'

export const branch: BranchView = {
  name: 'shop/dev',
  id,
  state: 'running',
  reason: 'as a test wants it',
  parent: 'shop/main',
  created: instant,
  dataTime: instant,
  host: '127.0.0.1',
  port: 7001,
  isProtected: true,
  expires: '2999-01-01T00:00:00.000Z',
  isEphemeral: true,
  label: 'word',
  generation: 2,
  undo: { generation: 1, expires: instant },
  used: 1536,
  referenced: 2_097_152,
  memory: 536_870_912,
  cpus: 0.5,
}

/** A branch of which there is nothing more to say. */
export const plain: BranchView = {
  ...{ name: 'shop/main', id, state: 'stopped', created: instant, dataTime: instant, host: '127.0.0.1', port: 7000 },
  ...{ isProtected: false, isEphemeral: false, generation: 1, used: 0, referenced: 0 },
}

export const project: ProjectView = {
  ...{ name: 'shop', id, created: instant, runtime: 'docker', image: 'postgres:17', version: 17 },
  ...{ branches: 2, running: 1, used: 1024 },
}

export const snapshot: SnapshotView = {
  ...{ id, branch: 'shop/main', kind: 'user', label: 'first', created: instant, used: 2048 },
  dependents: ['shop/dev'],
}

export const mending: Mending = { subject: 'shop/dev', action: 'is deleted', done: true, reason: 'it expired' }

/** What a call wrote to standard output and standard error, and what it gave or threw. */
export interface Written<T> {
  readonly value?: T
  readonly error?: unknown
  readonly stdout: string
  readonly stderr: string
}

/** Runs a call while nothing that it writes reaches the report of the tests. */
export async function written<T>(call: () => T | Promise<T>): Promise<Written<T>> {
  const texts = { stdout: '', stderr: '' }
  const streams = ['stdout', 'stderr'] as const
  const real = streams.map(name => process[name].write)
  for (const name of streams) {
    process[name].write = ((text: string) => {
      texts[name] += text
      return true
    }) as typeof process.stdout.write
  }
  try {
    const value = await call()
    return { ...texts, value }
  } catch (error) {
    return { ...texts, error }
  } finally {
    for (const [at, name] of streams.entries()) process[name].write = real[at] as typeof process.stdout.write
  }
}
