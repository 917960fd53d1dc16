import { join } from 'node:path'
import type { Layout } from '../runtime/runtime.ts'

/** Paths of a volume below some root: of the host, or of what a container sees. */
export const layoutBelow = (root: string): Layout => ({
  root,
  data: join(root, 'data'),
  wal: join(root, 'wal'),
  run: join(root, 'run'),
  tls: join(root, 'tls'),
  hba: join(root, 'pg_hba.conf'),
  ident: join(root, 'pg_ident.conf'),
})

/** File with the password of a branch, 0600, in its volume. */
export const passwordFile = (volume: string): string => join(volume, 'password')
