import { call } from '../../auxiliary/call.ts'
import { sudoPath } from '../../transport/sudo/paths.ts'

/** The sudo of this machine. */
export interface InstalledSudo {
  readonly kind: 'sudo' | 'sudo-rs' | 'none'
  readonly version: string
}

/** Asks sudo for its version; sudo-rs says its own name. */
export async function installedSudo(): Promise<InstalledSudo> {
  const { missing, stdout, stderr } = await call(sudoPath, ['--version'])
  if (missing) return { kind: 'none', version: '' }
  const [line = ''] = `${stdout}${stderr}`.split('\n')
  const version = /(\d+(?:\.\d+)+\S*)/.exec(line)?.[1] ?? ''
  return { kind: line.startsWith('sudo-rs') ? 'sudo-rs' : 'sudo', version }
}

/** What to tell where the installed sudo cannot enforce a drop-in; undefined where it can. */
export function cannotEnforce({ kind, version }: InstalledSudo): string | undefined {
  if (kind === 'sudo-rs') {
    return `The sudo of this machine is sudo-rs ${version}: it knows no regular expressions and refuses this drop-in. A broker on root's side is the way here.`
  }
  const [major = 0, minor = 0, patch = 0] = version.split(/[.p]/).map(Number)
  const isOld = kind === 'sudo' && major * 1e6 + minor * 1e3 + patch < 1_009_010
  return isOld ? `sudo ${version} knows no regular expressions: 1.9.10 or later is needed.` : undefined
}
