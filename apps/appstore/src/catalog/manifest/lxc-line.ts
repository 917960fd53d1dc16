/** One line of `lxc.extra_config`, as far as apps may write one. */
export type LxcLine =
  | {
      readonly key: 'device'
      /** Character or block device. */
      readonly type: 'c' | 'b'
      readonly major: number
      /** Undefined for all of the major number. */
      readonly minor: number | undefined
      readonly access: string
      readonly text: string
    }
  | {
      readonly key: 'mount'
      readonly source: string
      /** Relative to the guest's root. */
      readonly target: string
      readonly fstype: string
      readonly options: readonly string[]
      readonly text: string
    }
  | { readonly key: 'auto'; readonly values: readonly string[]; readonly text: string }
  | { readonly key: 'environment'; readonly name: string; readonly value: string; readonly text: string }

const plainPath = '(?:/[A-Za-z0-9._@+-]+)+'
const autoValues = /^(?:(?:proc|sys)(?::(?:mixed|ro|rw))?|cgroup(?:-full)?(?::(?:mixed|ro|rw))?)$/
const mountOptions =
  /^(?:bind|rbind|ro|rw|optional|create=(?:file|dir)|nosuid|nodev|noexec|relatime|noatime|mode=[0-7]{3,4}|size=[0-9]+[kMG]?)$/
const reservedNames = new Set(['PATH', 'LD_PRELOAD', 'LD_LIBRARY_PATH', 'PYTHONPATH', 'HOME', 'USER', 'SHELL', 'TERM'])

/** A line of the manifest in its parts, or the reason why it is refused. Only one line of printable ASCII is read. */
export function parseLxcLine(text: string): LxcLine | string {
  if (!/^[ -~]{1,512}$/.test(text)) return 'must be one line of printable ASCII characters'
  const [, key = '', value = ''] = /^([a-z0-9.]+) *[:=] *(\S.*?) *$/.exec(text) ?? []
  switch (key) {
    case 'lxc.cgroup.devices.allow':
    case 'lxc.cgroup2.devices.allow':
      return deviceLine(value, text)
    case 'lxc.mount.entry':
      return mountLine(value, text)
    case 'lxc.mount.auto': {
      const values = value.split(/ +/)
      if (!values.every(word => autoValues.test(word))) return 'must be proc, sys or cgroup, with :mixed, :ro or :rw'
      return { key: 'auto', values, text }
    }
    case 'lxc.environment': {
      const [, name, content = ''] = /^([A-Za-z_][A-Za-z0-9_]{0,127})=(.*)$/.exec(value) ?? []
      if (name === undefined) return 'must be lxc.environment: NAME=VALUE'
      if (reservedNames.has(name.toUpperCase())) return `must not set ${name}`
      return { key: 'environment', name, value: content, text }
    }
    default:
      return 'must be one of lxc.cgroup.devices.allow, lxc.cgroup2.devices.allow, lxc.mount.entry, lxc.mount.auto, lxc.environment'
  }
}

function deviceLine(value: string, text: string): LxcLine | string {
  const [, type, major, minor, access = ''] = /^([cb]) ([0-9]{1,4}):([0-9]{1,7}|\*) (r?w?m?)$/.exec(value) ?? []
  if (type === undefined || access === '') return 'must be like c 10:200 rwm, with a major number'
  const parts = { major: Number(major), minor: minor === '*' ? undefined : Number(minor), access }
  return { key: 'device', type: type === 'c' ? 'c' : 'b', ...parts, text }
}

function mountLine(value: string, text: string): LxcLine | string {
  const words = value.split(/ +/)
  const [source = '', target = '', fstype = '', options = '', dump = '0', pass = '0'] = words
  if (words.length < 4 || words.length > 6 || dump !== '0' || pass !== '0') {
    return 'must be SOURCE TARGET TYPE OPTIONS'
  }
  if (!new RegExp(`^(?:${plainPath}|proc|sysfs|tmpfs|devpts|mqueue)$`).test(source) || !plain(source)) {
    return 'the source must be an absolute path, or a pseudo file system'
  }
  if (!new RegExp(`^${plainPath}$`).test(`/${target}`) || !plain(`/${target}`)) {
    return 'the target must be a path relative to the root of the guest'
  }
  if (!/^(?:none|proc|sysfs|tmpfs|devpts|mqueue)$/.test(fstype))
    return 'the type of file system must be none or a pseudo one'
  const list = options.split(',')
  if (!list.every(option => mountOptions.test(option))) return 'has an option that is not allowed'
  return { key: 'mount', source, target, fstype, options: list, text }
}

const plain = (path: string): boolean => !path.split('/').some(part => part === '.' || part === '..')

/** Device node that lines give the guest, such as `/dev/net/tun`: mounted, and allowed by its numbers if they are given. */
export function devicesOf(lines: readonly LxcLine[]): string[] {
  const paths = lines.flatMap(line =>
    line.key === 'mount' && line.source.startsWith('/dev/') && line.options.some(option => option.endsWith('bind'))
      ? [line.source]
      : [],
  )
  return [...new Set(paths)]
}
