import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadPolicy } from '../../../src/policy/load.ts'
import { renderAppService } from '../../../src/render/units/app-service.ts'
import { renderService } from '../../../src/render/units/service.ts'
import { renderSocket } from '../../../src/render/units/socket.ts'

const folder = join(import.meta.dirname, '../../../../../policies')

/** The policies of the repository, for each transport. */
export const appstoreBySudo = await loadPolicy(join(folder, 'appstore.yaml'))
export const appstoreByDaemon = await loadPolicy(join(folder, 'examples/daemon/appstore.yaml'))
export const pgdByDaemon = await loadPolicy(join(folder, 'examples/daemon/pgd.yaml'))
export const pgdWithVerbs = await loadPolicy(join(folder, 'examples/user-space-zfs/pgd.yaml'))
export const pgdPortable = await loadPolicy(join(folder, 'examples/portable/pgd.yaml'))

/** Every unit that is rendered from them, by a name for people, with programs that every machine has. */
export const units: Readonly<Record<string, { readonly file: string; readonly text: string }>> = {
  'privexecd, containers': service('privexecd-appstore.service', renderService(appstoreByDaemon)),
  'privexecd, datasets': service('privexecd-pgd.service', renderService(pgdByDaemon)),
  'privexecd, datasets and their owners': service('privexecd-pgd.service', renderService(pgdWithVerbs)),
  'app store by socket': service('appstore.service', renderAppService(appstoreByDaemon) ?? ''),
  'app store by sudo': service('appstore.service', renderAppService(appstoreBySudo) ?? ''),
}

/** The sockets that the units require. */
export const sockets: Readonly<Record<string, string>> = {
  'privexecd-appstore.socket': renderSocket(appstoreByDaemon),
  'privexecd-pgd.socket': renderSocket(pgdByDaemon),
}

/** systemd-analyze looks for the programs of a unit. */
function service(file: string, text: string) {
  return { file, text: text.replace(/^(Exec\w+=\+?)\/\S+/gm, '$1/bin/true') }
}

/** What a program said; `missing` where it is not installed. */
export interface Said {
  readonly missing: boolean
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program in a folder of its own with these files in it. */
export function withFiles(files: Readonly<Record<string, string>>, program: string, args: readonly string[]): Said {
  const cwd = mkdtempSync(join(tmpdir(), 'privexec-units-'))
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text)
    const { error, status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', env: { LC_ALL: 'C' } })
    return { missing: error !== undefined, status, stdout: stdout ?? '', stderr: stderr ?? '' }
  } finally {
    rmSync(cwd, { recursive: true })
  }
}
