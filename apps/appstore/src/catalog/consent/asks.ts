import type { LxcLine } from '../manifest/lxc-line.ts'
import type { Manifest, Permissions } from '../manifest/manifest.ts'

/** What kinds of things an app can ask for. */
export type AskKind =
  | 'privileged'
  | 'feature'
  | 'device'
  | 'lxc'
  | 'bind'
  | 'gpu'
  | 'command'
  | 'installer'
  | 'apt-repository'
  | 'url'
  | 'pip'
  | 'package'
  | 'path'
  | 'user'
  | 'service'
  | 'volume'

/** `danger` reaches beyond the guest, `notice` brings in code or rights from elsewhere, `info` stays within the guest. */
export type Severity = 'info' | 'notice' | 'danger'

/** One thing that an app asks for, in words for the user. */
export interface Ask {
  readonly kind: AskKind
  readonly severity: Severity
  readonly text: string
  /** What exactly; written by the author of the app. */
  readonly values: readonly string[]
}

/** Everything that an app asks for, what is worst first. */
export function asksOf(manifest: Manifest): Ask[] {
  const { guest, volumes, gpu, permissions } = manifest
  const asks: Ask[] = []
  const ask = (kind: AskKind, severity: Severity, text: string, values: readonly string[]) => {
    if (values.length > 0) asks.push({ kind, severity, text, values: [...new Set(values)].sort() })
  }
  const privileged = 'Runs in a privileged container: root inside it is close to root on the host'
  if (!guest.unprivileged) ask('privileged', 'danger', privileged, ['privileged'])
  for (const line of guest.extraConfig) {
    asks.push({ kind: line.key === 'device' ? 'device' : 'lxc', severity: 'danger', ...lineInWords(line) })
  }
  const binds = volumes.filter(({ type }) => type === 'bind')
  const bound = binds.map(
    ({ path, readOnly, required }) => `${path}${readOnly ? ' (read-only)' : ''}${required ? '' : ' (optional)'}`,
  )
  ask('bind', 'danger', 'Sees folders of the host, mounted into the container', bound)
  if (gpu.required)
    ask('gpu', 'danger', 'Needs a graphics device of the host', gpu.supported.length > 0 ? gpu.supported : ['any'])
  else ask('gpu', 'notice', 'Can use a graphics device of the host, if you give it one', gpu.supported)
  const strong = guest.features.filter(feature => feature !== 'nesting')
  ask('feature', 'danger', 'Wants kernel features that containers usually do not have', strong)
  const nesting = guest.features.filter(feature => feature === 'nesting')
  ask('feature', 'notice', 'Wants to run containers of its own inside (nesting)', nesting)
  for (const [key, kind, severity, text] of kinds) ask(kind, severity, text, permissions[key])
  const own = volumes.filter(({ type }) => type === 'volume').map(({ path, size }) => `${path} (${size} GiB)`)
  ask('volume', 'info', 'Gets storage of its own', own)
  return asks.sort((a, b) => rank[a.severity] - rank[b.severity])
}

const rank: Readonly<Record<Severity, number>> = { danger: 0, notice: 1, info: 2 }

const kinds: readonly (readonly [keyof Permissions, AskKind, Severity, string])[] = [
  [
    'installerScripts',
    'installer',
    'notice',
    'Runs installers of others, fetched from the network, as root in the container',
  ],
  [
    'aptRepos',
    'apt-repository',
    'notice',
    'Adds package sources of others, whose packages run as root in the container',
  ],
  ['urls', 'url', 'notice', 'Fetches from these addresses'],
  ['pip', 'pip', 'notice', 'Installs Python packages from PyPI'],
  ['commands', 'command', 'info', 'Runs these commands in the container'],
  ['packages', 'package', 'info', 'Installs packages of its distribution'],
  ['paths', 'path', 'info', 'Writes below these folders of the container'],
  ['users', 'user', 'info', 'Makes accounts in the container'],
  ['services', 'service', 'info', 'Runs services in the container'],
]

function lineInWords(line: LxcLine): { readonly text: string; readonly values: readonly string[] } {
  const values = [line.text]
  switch (line.key) {
    case 'device': {
      const name = line.type === 'c' && line.major === 10 && line.minor === 200 ? ' /dev/net/tun (VPN tunnels)' : ''
      const range =
        line.minor === undefined ? `all devices of kind ${line.major}` : `device ${line.major}:${line.minor}`
      return { text: `Uses ${line.type === 'b' ? 'block ' : ''}${range} of the host${name}`, values }
    }
    case 'mount':
      return { text: `Has ${line.source} of the host mounted at /${line.target}`, values }
    case 'auto':
      return { text: 'Sees more of the kernel than containers usually do', values }
    case 'environment':
      return { text: `Sets the environment variable ${line.name} for all of the container`, values }
  }
}
