import { libexec } from '../libexec.ts'

/** sudo, by absolute path: the caller's PATH decides nothing. */
export const sudoPath = '/usr/bin/sudo'

/** The program, root's, that ends an operation; installed with the drop-in. */
export const endOperation = `${libexec}/end-operation`
