import { fileURLToPath } from 'node:url'

/** Where sudo reads drop-ins. */
export const sudoersDirectory = '/etc/sudoers.d'

/** The program that ends operations, as this package ships it. */
export const shippedEndOperation = fileURLToPath(new URL('../../../libexec/end-operation', import.meta.url))
