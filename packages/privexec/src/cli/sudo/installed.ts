import { call } from '../../auxiliary/call.ts'
import { compareSudoVersions, oldestSudo, parseSudoVersion } from '../../doctor/sudo-version.ts'
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
  const sudo = parseSudoVersion(`${stdout}${stderr}`)
  if (sudo.kind === 'unknown') return { kind: 'sudo', version: '' }
  return { kind: sudo.kind === 'classic' ? 'sudo' : sudo.kind, version: sudo.version }
}

/** What to tell where the installed sudo cannot enforce a drop-in; undefined where it can. */
export function cannotEnforce({ kind, version }: InstalledSudo): string | undefined {
  if (kind === 'sudo-rs') {
    return `The sudo of this machine is sudo-rs ${version}: it knows no regular expressions and refuses this drop-in. A broker on root's side is the way here.`
  }
  const isOld = kind === 'sudo' && compareSudoVersions(version, oldestSudo) < 0
  return isOld ? `sudo ${version} knows no regular expressions: ${oldestSudo} or later is needed.` : undefined
}
