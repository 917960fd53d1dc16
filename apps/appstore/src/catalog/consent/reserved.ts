import { devicesOf } from '../manifest/lxc-line.ts'
import type { Manifest } from '../manifest/manifest.ts'

/**
 * What Proxmox does for root@pam only, whatever the rights of a token: features beyond nesting, device nodes, folders of
 * the host, and lines of raw configuration; a privileged guest needs Sys.Modify on /, which no store should have.
 */
export type ReservedKind = 'features' | 'devices' | 'binds' | 'lxc' | 'privileged'

/** One reserved thing that an app wants. */
export interface Reserved {
  readonly kind: ReservedKind
  /** Features, paths or lines. */
  readonly values: readonly string[]
  /** Whether the app works without it: what is optional is left out where it cannot be had. */
  readonly optional: boolean
}

/** What an app wants of it. `granted` are the kinds for which the policy has a command of root's side. */
export function reservedBy(manifest: Manifest): Reserved[] {
  const { guest, volumes, gpu } = manifest
  const reserved: Reserved[] = []
  const add = (kind: ReservedKind, values: readonly string[], optional = false) => {
    if (values.length > 0) reserved.push({ kind, values: [...new Set(values)].sort(), optional })
  }
  add('privileged', guest.unprivileged ? [] : ['privileged'])
  add(
    'features',
    guest.features.filter(feature => feature !== 'nesting'),
  )
  add('devices', devicesOf(guest.extraConfig))
  add(
    'lxc',
    guest.extraConfig.filter(line => !isCovered(line, manifest)).map(({ text }) => text),
  )
  const binds = volumes.filter(({ type }) => type === 'bind')
  add(
    'binds',
    binds.filter(({ required }) => required).map(({ path }) => path),
  )
  add(
    'binds',
    binds.filter(({ required }) => !required).map(({ path }) => path),
    true,
  )
  add('devices', gpu.supported.length > 0 || gpu.required ? ['gpu'] : [], !gpu.required)
  return reserved
}

/** Whether a line only gives a device node, which Proxmox has an option of its own for. */
function isCovered(line: Manifest['guest']['extraConfig'][number], manifest: Manifest): boolean {
  const paths = devicesOf(manifest.guest.extraConfig)
  if (line.key === 'mount') return paths.includes(line.source)
  return line.key === 'device' && line.minor !== undefined && paths.length > 0
}

const words: Readonly<Record<ReservedKind, string>> = {
  features: 'container features beyond nesting',
  devices: 'devices of the host',
  binds: 'folders of the host',
  lxc: 'lines of raw LXC configuration',
  privileged: 'a privileged container',
}

/** Why an app cannot be installed: what it must have, Proxmox reserves for root@pam, and no granted command does. */
export function refusals(manifest: Manifest, granted: ReadonlySet<ReservedKind> = new Set()): string[] {
  return reservedBy(manifest)
    .filter(({ kind, optional }) => !optional && !granted.has(kind))
    .map(({ kind, values }) => {
      const which = kind === 'privileged' ? '' : ` (${values.join('; ')})`
      return `The app needs ${words[kind]}${which}, which Proxmox reserves for root@pam; no command of the policy does it`
    })
}
