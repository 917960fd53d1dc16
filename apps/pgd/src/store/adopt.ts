import type { ProjectFacts, VolumeFacts } from '../facts/model.ts'
import type { Name } from '../names/name.ts'
import type { Volume, VolumeName } from './store.ts'

/** What lies at the place of a volume and has no facts of ours. */
export interface Foreign extends VolumeName {
  /** Where its files will be when it is one: `Store.pathOf`. */
  readonly path: string
}

/** What lies below a project's name. */
export interface Foreigners {
  /** Whether the project itself is ours already. */
  readonly isOurs: boolean
  readonly volumes: readonly Foreign[]
  /** Names of what can be no volume. */
  readonly others: readonly string[]
}

/** Takes over what others made, without copying it. What is done is done for good; each step can be repeated. */
export interface Adopter {
  /** Undefined when nothing is there. Rejects with `PGD_FOREIGN` when a project could not be made of it. */
  find(project: Name): Promise<Foreigners | undefined>
  /** Makes its files reachable; resolves to where they are. */
  reach(foreign: Foreign): Promise<string>
  /** Brings them to its path. */
  place(foreign: Foreign): Promise<void>
  /** Gives a project its facts; from then on it is ours. */
  project(name: Name, facts: ProjectFacts): Promise<void>
  /** The same for a volume, whose files are at their place. */
  volume(foreign: Foreign, facts: VolumeFacts): Promise<Volume>
}
