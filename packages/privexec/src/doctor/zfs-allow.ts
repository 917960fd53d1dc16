/** One line of `zfs allow DATASET`: what was delegated to whom. */
export interface Delegation {
  readonly dataset: string
  /** `create` is for whoever creates a dataset there. */
  readonly who: 'user' | 'group' | 'everyone' | 'create'
  /** Name of the user or group. */
  readonly name: string
  /** With sets resolved. */
  readonly permissions: readonly string[]
}

/**
 * Permissions with which a delegated account leads root's mount astray, brings files with rights of their own, or
 * delegates further (zfs-allow(8)). `canmount` is not one of them: it moves nothing.
 */
export const dangerousPermissions: ReadonlySet<string> = new Set([
  'allow',
  'devices',
  'exec',
  'mountpoint',
  'overlay',
  'receive',
  'receive:append',
  'setuid',
  'share',
  'sharenfs',
  'sharesmb',
  'zoned',
])

/** Reads the output of `zfs allow DATASET`, which lists the dataset and all above it. */
export function parseDelegations(text: string): Delegation[] {
  const sets = new Map<string, string[]>()
  const lines: Delegation[] = []
  let dataset = ''
  let section = ''
  for (const line of text.split('\n')) {
    const head = /^---- Permissions on (.+?) -+$/.exec(line)?.[1]
    if (head !== undefined) dataset = head
    else if (/^\S.*:$/.test(line)) section = line
    else if (section.startsWith('Permission sets')) {
      const [name = '', list = ''] = line.trim().split(/\s+/)
      if (name) sets.set(`${dataset} ${name}`, list.split(','))
    } else if (section.startsWith('Create time')) {
      const list = line.trim()
      if (list) lines.push({ dataset, who: 'create', name: '', permissions: list.split(',') })
    } else {
      const entry = /^\s+(?:(user|group) (.+)|(everyone)) (\S+)$/.exec(line)
      if (!entry) continue
      const who = (entry[1] ?? 'everyone') as Delegation['who']
      lines.push({ dataset, who, name: entry[2] ?? '', permissions: (entry[4] as string).split(',') })
    }
  }
  return lines.map(line => ({ ...line, permissions: resolve(line.permissions, sets) }))
}

/** A set may hold sets, and may be defined on any dataset above; all of one name count, to be on the safe side. */
function resolve(permissions: readonly string[], sets: ReadonlyMap<string, readonly string[]>): string[] {
  const all = new Set<string>()
  const add = (permission: string): void => {
    if (all.has(permission)) return
    all.add(permission)
    if (!permission.startsWith('@')) return
    for (const [key, list] of sets) if (key.endsWith(` ${permission}`)) list.forEach(add)
  }
  permissions.forEach(add)
  return [...all].filter(permission => !permission.startsWith('@'))
}
