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

/**
 * Reads what `/info` of an engine says. Podman adds keys of its own to Docker's, and asks the package manager of the
 * machine each time that it tells its version in another way, which takes it a second.
 */
export function readTraits(info: unknown): Traits {
  const { SecurityOptions: options, Rootless, BuildahVersion, ServerVersion } = (info ?? {}) as Record<string, unknown>
  const security = Array.isArray(options) ? options.map(String) : []
  // Docker writes `name=rootless`, and details after a comma: `name=seccomp,profile=default`.
  const has = (name: string): boolean => security.some(option => option.split(',')[0] === `name=${name}`)
  return {
    name: BuildahVersion === undefined ? 'docker' : 'podman',
    version: typeof ServerVersion === 'string' ? ServerVersion : 'unknown',
    // Podman says it apart.
    isRootless: has('rootless') || Rootless === true,
    isRemapped: has('userns'),
    isLabelled: has('selinux'),
  }
}
