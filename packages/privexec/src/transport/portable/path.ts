import { libexec } from '../libexec.ts'

/** The program of root's that sudo starts for a policy; it takes no argument. */
export const callPath = (policy: string): string => `${libexec}/call-${policy}`
