/** The settings of a container, as far as guards ask for them. */
export interface ContainerConfig {
  readonly tags: readonly string[]
  /** Root of the container is root of the host. */
  readonly privileged: boolean
}

const blank = '[ \\t\\r\\f\\v]'
const section = new RegExp(`^\\[[A-Za-z][A-Za-z0-9_:-]*\\]${blank}*$`)
const setting = new RegExp(`^([a-z][a-z_]*[0-9]*):${blank}*([^\\n]+?)${blank}*$`)
/** Proxmox VE looks for it anywhere in a line, before it looks for a setting. */
const snapshotState = new RegExp(`snapstate:${blank}*(?:prepare|delete)${blank}*$`)

/**
 * Reads /etc/pve/lxc/ID.conf as Proxmox VE does (pve-container, src/PVE/LXC/Config.pm, parse_pct_config and check_type):
 * what stands before the first section is in force, the last of two lines for one key counts, lines that begin with #
 * are the description, and `unprivileged` is a boolean that is spelled in four ways. Undefined when another reader
 * might see something else: a line feed of another kind, a NUL, or a line that only looks like a section.
 */
export function parseContainerConfig(text: string): ContainerConfig | undefined {
  if (/[\0\u0085\u2028\u2029]|\r(?!\n)/.test(text)) return undefined
  const settings = new Map<string, string>()
  for (const line of text.split('\n')) {
    if (section.test(line)) break
    if (/^\s*\[/.test(line)) return undefined
    const found = snapshotState.test(line) ? null : setting.exec(line)
    if (found) settings.set(String(found[1]), String(found[2]))
  }
  const tags = (settings.get('tags') ?? '').split(/[;, \t\r\f\v]/).filter(Boolean)
  return { tags, privileged: !/^(?:1|on|yes|true)$/i.test(settings.get('unprivileged') ?? '0') }
}
