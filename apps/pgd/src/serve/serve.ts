import type { ProjectFacts, VolumeFacts } from '../facts/model.ts'
import type { Call } from '../operations/step.ts'
import type { Session } from '../postgres/connect.ts'
import { untilListening } from '../postgres/listening.ts'
import { untilReady } from '../postgres/ready.ts'
import { type Recovery, serverSettings } from '../postgres/settings.ts'
import type { Prepared, Runtime, ServerSpec } from '../runtime/runtime.ts'
import type { VolumeName } from '../store/store.ts'
import { keyOf } from '../world/world.ts'
import { layoutBelow } from './layout.ts'

/** A volume that is there, or is just being made. */
export interface Place extends VolumeName {
  readonly facts: VolumeFacts
  readonly path: string
}

/** Prepares the server of a volume; can be called before the volume is there. */
export const prepare = (runtime: Runtime, project: ProjectFacts, place: Place): Promise<Prepared> => {
  const { port } = place.facts
  return runtime.prepare({
    ...specOf(project, place),
    port,
    settings: settingsOf(runtime, project, place, { port: portWithin(runtime, place.facts) }),
    reads: [],
  })
}

/** Prepares a server that replays the archive of another one, and is reached by its socket alone. */
export const prepareRecovery = (
  runtime: Runtime,
  project: ProjectFacts,
  place: Place,
  recovery: Recovery,
): Promise<Prepared> =>
  runtime.prepare({
    ...specOf(project, place),
    settings: settingsOf(runtime, project, place, {
      recovery: { ...recovery, archive: runtime.sharedAt(recovery.archive) },
    }),
    reads: [recovery.archive],
  })

/** Port that a server itself listens on, which its socket is named by: containers publish theirs as that of the branch. */
export const portWithin = ({ kind }: Runtime, { port }: VolumeFacts): number => (kind === 'docker' ? 5432 : port)

const settingsOf = (
  runtime: Runtime,
  { version }: ProjectFacts,
  { path, project, branch, facts: { memory } }: Place,
  more: { readonly port?: number; readonly recovery?: Recovery },
) =>
  serverSettings({
    version,
    runtime: runtime.kind,
    layout: runtime.layoutOf(path),
    title: `${project}/${branch}`,
    ...(memory === undefined ? {} : { memory }),
    ...more,
  })

function specOf(project: ProjectFacts, place: Place): Omit<ServerSpec, 'settings' | 'reads'> {
  const { facts, path, branch } = place
  return {
    key: keyOf(place),
    project: place.project,
    branch,
    kind: kindOf(project),
    volume: path,
    ...(facts.memory === undefined ? {} : { memory: facts.memory }),
    ...(facts.cpus === undefined ? {} : { cpus: facts.cpus }),
  }
}

/** What PostgreSQL a project runs. */
export const kindOf = ({ version, image }: ProjectFacts) => ({ version, ...(image === undefined ? {} : { image }) })

/**
 * Starts a prepared server, and resolves to a session with it as soon as it answers a query, and is there on its port where
 * it has one.
 */
export async function start(
  prepared: Prepared,
  place: Pick<Place, 'path'>,
  call: Call,
  port?: number,
): Promise<Session> {
  try {
    await prepared.start()
    const run = layoutBelow(place.path).run
    const session = await untilReady({ run, ended: prepared.ended, signal: call.signal })
    if (port !== undefined) await untilListening(port, call)
    return session
  } catch (error) {
    await prepared.discard()
    throw error
  }
}
