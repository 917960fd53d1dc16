import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Shell scripts of the package, which lie beside the compiled sources as well. */
export const share: string = join(import.meta.dirname, '../../share')

/** Text of a script. */
export const scriptText = (name: 'setup.sh' | 'init.sh' | 'base.sh'): string => readFileSync(join(share, name), 'utf8')
