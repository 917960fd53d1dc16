import { createHash } from 'node:crypto'
import type { Layout } from '../runtime.ts'

/** Where a container has its volume. */
export const volumeRoot = '/pgd'

/** Paths of a volume within its container, the same for all. */
export const containerLayout: Layout = {
  root: volumeRoot,
  data: `${volumeRoot}/data`,
  wal: `${volumeRoot}/wal`,
  run: `${volumeRoot}/run`,
  tls: `${volumeRoot}/tls`,
  hba: `${volumeRoot}/pg_hba.conf`,
  ident: `${volumeRoot}/pg_ident.conf`,
}

/** Where a container has a directory of another volume: a name that no path of the host can bend. */
export const sharedPath = (path: string): string =>
  `/pgd-reads/${createHash('sha256').update(path).digest('hex').slice(0, 16)}`
