/** What an engine is, as far as containers have to be made differently for it. */
export interface Traits {
  readonly name: 'docker' | 'podman'
  readonly version: string
  /** The engine is a process of this account; its containers have a mapping of user ids. */
  readonly isRootless: boolean
  /** Docker maps user ids of containers unless a container asks for those of the host (`userns-remap`). */
  readonly isRemapped: boolean
  /** SELinux would keep containers from files of the host. */
  readonly isLabelled: boolean
}

/** Reads what `/info` and `/version` of an engine say. */
export function readTraits(info: unknown, version: unknown): Traits {
  const { SecurityOptions: options, Rootless: rootless } = (info ?? {}) as {
    SecurityOptions?: unknown
    Rootless?: unknown
  }
  const { Components: components, Version: number } = (version ?? {}) as { Components?: unknown; Version?: unknown }
  const security = Array.isArray(options) ? options.map(String) : []
  // Docker writes `name=rootless`, and details after a comma: `name=seccomp,profile=default`.
  const has = (name: string): boolean => security.some(option => option.split(',')[0] === `name=${name}`)
  const names = Array.isArray(components) ? components.map(component => String(component?.Name)) : []
  return {
    name: names.some(name => name.startsWith('Podman')) ? 'podman' : 'docker',
    version: typeof number === 'string' ? number : 'unknown',
    // Podman says it apart.
    isRootless: has('rootless') || rootless === true,
    isRemapped: has('userns'),
    isLabelled: has('selinux'),
  }
}
