import type { Finding, Level } from '../../../packages/privexec/src/doctor/diagnose.ts'
import type { policies } from './install.ts'

/** One planted fault: what makes it, what takes it away, and what the doctor must say. */
export interface Fault {
  readonly title: string
  readonly policy: keyof typeof policies
  /** Lines of shell, run as root. */
  readonly plant: string
  readonly undo: string
  readonly check: string
  readonly level: Level
  readonly message: RegExp
}

type Change = readonly [plant: string, undo: string]
type Finds = Pick<Fault, 'check' | 'level' | 'message'>

/** A fault in the installation of one policy. */
export const faultOf =
  (policy: Fault['policy']) =>
  (title: string, [plant, undo]: Change, finds: Finds): Fault => ({ title, policy, plant, undo, ...finds })

export const error = (check: string, message: RegExp): Finds => ({ check, level: 'error', message })
export const warning = (check: string, message: RegExp): Finds => ({ check, level: 'warning', message })

/** A file in sudoers.d, for as long as the fault lasts. */
export const rules = (name: string, text: string): Change => [
  `printf '%b\\n' '${text}' >/etc/sudoers.d/${name}; chmod 440 /etc/sudoers.d/${name}`,
  `rm /etc/sudoers.d/${name}`,
]

/** A change of one file, which is put back. */
export const changed = (file: string, plant: string): Change => [
  `cp -a ${file} /run/kept; ${plant}`,
  `rm -f ${file}; mv /run/kept ${file}`,
]

/** Whether a finding is the one that a fault must lead to. */
export const isFoundBy =
  ({ check, level, message }: Finds) =>
  (finding: Finding): boolean =>
    finding.check === check && finding.level === level && message.test(finding.message)
