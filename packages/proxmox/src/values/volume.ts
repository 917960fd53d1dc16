import { escapeValue } from '@broker/privexec/escape'
import { invalid } from '../errors/error.ts'
import { type Branded, textKind } from './branded.ts'
import { type StorageId, storageId } from './names.ts'

/** `storage:name`: a volume, a template (`local:vztmpl/…`), a backup (`local:backup/…`). */
export type VolumeId = Branded<string, 'volume'>

/** Checks the id of a volume. Blanks and commas, which would end the value in a mount point, are refused. */
export const volumeId = textKind(
  'volume',
  /[a-zA-Z][a-zA-Z0-9._-]*[a-zA-Z0-9]:[^\s,=\p{Cc}][^\s,\p{Cc}]*/u,
  'the id of a volume (storage:name)',
)

/** Storage and name of a volume. */
export function parseVolumeId(value: string, field = 'volume'): { storage: StorageId; name: string } {
  const text = volumeId(value, field)
  const at = text.indexOf(':')
  return { storage: storageId(text.slice(0, at), field), name: text.slice(at + 1) }
}

export const printVolumeId = ({ storage, name }: { storage: string; name: string }, field = 'volume'): VolumeId =>
  volumeId(`${storageId(storage, field)}:${name}`, field)

/** Volume of a mount point that is to be made: `gib` GiB, 0.001 to 131072. Proxmox answers with the name it took. */
export function newVolume(storage: string, gib: number, field = 'volume'): VolumeId {
  if (!(gib >= 0.001 && gib <= 131_072)) {
    throw invalid(field, `${escapeValue(gib)} is not a number of GiB, 0.001 to 131072`)
  }
  return volumeId(`${storageId(storage, field)}:${Number(gib.toFixed(3))}`, field)
}

/**
 * What a mount point is of: a volume that exists, one that is to be made, or a path of the node (a bind mount, or a
 * device), which Proxmox refuses to tokens.
 */
export function volumeSource(text: string): 'volume' | 'new' | 'path' {
  if (text.startsWith('/')) return 'path'
  return /^[^:]+:\d+(?:\.\d+)?$/.test(text) ? 'new' : 'volume'
}
