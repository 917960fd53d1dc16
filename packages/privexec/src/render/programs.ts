import { fileURLToPath } from 'node:url'
import { terminalPath, wardenPath } from '../transport/libexec.ts'
import { endOperation } from '../transport/sudo/paths.ts'
import { privexecd } from './units/paths.ts'

/** A file of this package; sources and what is built from them lie equally deep. */
const shipped = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** The root-side broker in one file; there once the package was built. */
export const shippedBroker = shipped('dist/root/privexecd.js')

/** A program of root's: where it is installed, the file of this package, and what it does. */
export interface RootProgram {
  readonly path: string
  readonly shipped: string
  readonly what: string
}

/** What ends operations; the transport `sudo` needs no other program of ours. */
export const endProgram: RootProgram = {
  path: endOperation,
  shipped: shipped('libexec/end-operation'),
  what: 'ends operations',
}

/** What the root-side broker needs, itself included. */
export const brokerPrograms: readonly RootProgram[] = [
  endProgram,
  { path: wardenPath, shipped: shipped('libexec/warden'), what: 'tells the broker who called, and starts programs' },
  { path: terminalPath, shipped: shipped('libexec/terminal'), what: 'gives a command a terminal' },
  { path: privexecd, shipped: shippedBroker, what: 'root-side broker' },
]
