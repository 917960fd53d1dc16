import { type InstallId, parseId, type StoreId } from '../model/id.ts'

/** What a guest is for: the app itself, or, stopped, volumes that were kept. */
export type GuestRole = 'app' | 'volumes'

/** Whose a guest is. It stands in the last line of the description, which a token may set in the call that creates. */
export interface Marker {
  readonly install: InstallId
  readonly store: StoreId
  readonly role: GuestRole
}

/** Tags that every guest of a store has. */
export const ownTags = ['appstore', 'managed'] as const

const pattern = /^appstore: install=([0-9a-z]{26}) store=([0-9a-z]{26}) role=(app|volumes)$/

/** Whether a line is a marker, or could be taken for one. */
const isMarker = (line: string): boolean => line.trim().startsWith('appstore:')

/** The description of a guest: `text`, then the marker. Lines of `text` that could be taken for a marker are left out. */
export function describe(text: string, { install, store, role }: Marker): string {
  const lines = text.split('\n').filter(line => !isMarker(line))
  return [...lines, `appstore: install=${install} store=${store} role=${role}`].join('\n').replace(/^\n+/, '')
}

/** The marker of a description, or undefined when it has none, more than one, or one that is not at its end. */
export function markerOf(description: string | undefined): Marker | undefined {
  const lines = (description ?? '').trimEnd().split('\n')
  if (lines.filter(isMarker).length !== 1) return undefined
  const [, install, store, role] = pattern.exec(lines.at(-1) ?? '') ?? []
  const installId = parseId<InstallId>(install)
  const storeId = parseId<StoreId>(store)
  if (installId === undefined || storeId === undefined) return undefined
  return { install: installId, store: storeId, role: role as GuestRole }
}

/** What people wrote above the marker. */
export const textOf = (description: string | undefined): string =>
  (description ?? '')
    .trimEnd()
    .split('\n')
    .filter(line => !isMarker(line))
    .join('\n')
