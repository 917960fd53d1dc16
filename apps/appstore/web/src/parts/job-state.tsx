import type { Install, Job } from '../api/types.ts'

const states: Readonly<Record<Job['state'], string>> = {
  queued: 'Waiting',
  running: 'Running',
  undoing: 'Being taken back',
  succeeded: 'Succeeded',
  failed: 'Failed',
  cancelled: 'Cancelled',
}

/** What became of a job, as a word. */
export function JobState({ state }: { state: Job['state'] }) {
  return <span class={`badge state-${state}`}>{states[state]}</span>
}

/** `Install box`: what a job does, and to which install; its apps or its guest where that is gone. */
export function jobTitle({ kind, install, input }: Job, installs: readonly Install[] = []): string {
  const name = installs.find(({ id }) => id === install)?.name ?? input.name
  const apps = Array.isArray(input.apps) ? input.apps.filter(app => typeof app === 'string').join(', ') : ''
  const guest = typeof input.vmid === 'number' ? `guest ${input.vmid}` : undefined
  return `${kindName(kind)} ${name ?? (apps || guest || '')}`.trim()
}

/** `Install` of `install`. */
export const kindName = (kind: string): string => kind.slice(0, 1).toUpperCase() + kind.slice(1)
