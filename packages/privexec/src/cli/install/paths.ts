import { fileURLToPath } from 'node:url'

/** Where sudo reads drop-ins. */
export const sudoersDirectory = '/etc/sudoers.d'

/** A file of this package; sources and what is built from them lie equally deep. */
const shipped = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url))

/** The program that ends operations, as this package ships it. */
export const shippedEndOperation = shipped('libexec/end-operation')

/** The program that tells who is at the other end of a connection. */
export const shippedWarden = shipped('libexec/warden')

/** The program that gives a command a terminal. */
export const shippedTerminal = shipped('libexec/terminal')

/** The root-side broker in one file; there once the package was built. */
export const shippedBroker = shipped('dist/root/privexecd.js')
