import { escapeValue } from '@broker/privexec/escape'
import type { AppDocument } from './app-schema.ts'
import { parseLxcLine } from './lxc-line.ts'
import type { GuestSpec, VolumeSpec } from './manifest.ts'
import type { Problems } from './problem.ts'

/** How the guest of an app is made. */
export function readGuest(lxc: AppDocument['lxc'], problems: Problems): GuestSpec {
  const { defaults } = lxc
  for (const key of ['bridge', 'storage'] as const) {
    if (defaults[key])
      problems.warning(['lxc', 'defaults', key], 'is not used: the request or the configuration decides')
  }
  const extraConfig = (lxc.extra_config ?? []).flatMap((text, index) => {
    const line = parseLxcLine(text)
    if (typeof line !== 'string') return [line]
    problems.error(['lxc', 'extra_config', index], line)
    return []
  })
  return {
    template: lxc.ostemplate,
    unprivileged: defaults.unprivileged ?? false,
    cores: defaults.cores,
    memory: defaults.memory_mb,
    disk: defaults.disk_gb,
    features: [...new Set(defaults.features ?? [])],
    onboot: defaults.onboot ?? false,
    requireStaticIp: defaults.require_static_ip ?? false,
    extraConfig,
  }
}

/** Folders of a guest over which nothing is mounted. */
const taken = /^\/(?:|proc|sys|dev|run|bin|sbin|lib|lib64|usr|etc|boot)\/?$/

/** Volumes of a manifest, checked against each other. */
export function readVolumes(written: NonNullable<AppDocument['volumes']>, problems: Problems): VolumeSpec[] {
  const names = new Set<string>()
  const paths = new Set<string>()
  return written.map((volume, index) => {
    const at = ['volumes', index] as const
    const { type = 'volume' } = volume
    const path = volume.mount_path.replace(/(?<=.)\/$/, '')
    if (names.has(volume.name)) problems.error([...at, 'name'], `the name ${escapeValue(volume.name)} is there twice`)
    if (paths.has(path)) problems.error([...at, 'mount_path'], 'another volume is mounted there')
    if (taken.test(path) || /^\/(?:proc|sys|dev)\//.test(path)) {
      problems.error([...at, 'mount_path'], 'nothing can be mounted there')
    }
    names.add(volume.name)
    paths.add(path)
    checkKind(volume, type, index, problems)
    return {
      name: volume.name,
      type,
      path,
      size: type === 'bind' ? 0 : (volume.size_gb ?? 0),
      label: volume.label ?? '',
      description: volume.description ?? '',
      ...(volume.default_host_path ? { defaultHostPath: volume.default_host_path } : {}),
      required: volume.required ?? false,
      readOnly: volume.read_only ?? false,
      sharedHostPath: volume.shared_host_path ?? false,
    }
  })
}

function checkKind(
  volume: NonNullable<AppDocument['volumes']>[number],
  type: 'volume' | 'bind',
  index: number,
  problems: Problems,
): void {
  const at = ['volumes', index] as const
  if (type === 'volume') {
    if (volume.size_gb === undefined) problems.error(at, 'a volume needs size_gb')
    if (volume.shared_host_path) problems.warning([...at, 'shared_host_path'], 'is used for folders of the host only')
  } else if (volume.size_gb !== undefined) problems.warning([...at, 'size_gb'], 'is not used for a folder of the host')
}
