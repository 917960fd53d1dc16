import { z } from 'zod'
import { count, fields, flag, guestPath, kebab, line, lineOrEmpty, list, ownPath, prose } from './fields.ts'

/** Keys whose values are numbers, switches, or any of these; values of all others are texts. */
export const typedKeys: ReadonlySet<string> = new Set([
  ...['official', 'featured', 'unprivileged', 'onboot', 'require_static_ip', 'required', 'reconfigurable'],
  ...['read_only', 'shared_host_path', 'skip', 'skip_bind_mounts'],
  ...['cores', 'memory_mb', 'disk_gb', 'size_gb', 'timeout_sec', 'min', 'max', 'min_length', 'max_length'],
  ...['default', 'enum', 'values'],
])

/** Short name of a system, such as `debian-12`, or a volume: `local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst`. */
const template = z
  .string('must be a text')
  .max(255, 'must have at most 255 characters')
  .regex(
    /^(?:[a-z0-9][a-z0-9.+-]*|[A-Za-z][A-Za-z0-9._-]*:vztmpl\/[A-Za-z0-9][A-Za-z0-9._+-]*)$/,
    'must be a system such as debian-12, or a volume such as local:vztmpl/NAME',
  )

/** A value of an input as the file has it. */
const scalar = z.union([z.string(), z.number(), z.boolean()], 'must be a text, a number, true or false')

/** Key of an input: an identifier; scripts ask for it by this name. */
const inputKey = z
  .string('must be a text')
  .max(64, 'must have at most 64 characters')
  .regex(/^[A-Za-z][A-Za-z0-9_.-]*$/, 'must begin with a letter, followed by letters, digits and _ . -')

const features = ['nesting', 'keyctl', 'fuse', 'mknod', 'force_rw_sys'] as const

const lxcDefaults = {
  unprivileged: flag
    .optional()
    .describe('Write true: left out, the guest is privileged, which Proxmox gives to root@pam only'),
  cores: count(1, 1024).optional(),
  memory_mb: count(128, 16_777_216).optional().describe('MiB'),
  disk_gb: count(1, 131_072).optional().describe('GiB of the root disk'),
  bridge: lineOrEmpty().optional().describe('Not used: the request or the configuration decides'),
  storage: lineOrEmpty().optional().describe('Not used: the request or the configuration decides'),
  features: list(z.enum(features, `must be one of ${features.join(', ')}`), 8)
    .optional()
    .describe('Those beyond nesting are reserved for root@pam'),
  onboot: flag.optional(),
  require_static_ip: flag.optional(),
}

/** Part of an app's manifest that says how its guest is; each value but the last three must be given. */
const lxc = fields({
  ostemplate: template,
  defaults: fields({
    ...lxcDefaults,
    cores: lxcDefaults.cores.unwrap(),
    memory_mb: lxcDefaults.memory_mb.unwrap(),
    disk_gb: lxcDefaults.disk_gb.unwrap(),
  }),
  extra_config: list(line(512), 64).optional(),
})

/** As {@link lxc}, of a stack, where every value may be left out. */
export const stackLxc = fields({
  ostemplate: template.optional(),
  defaults: fields(lxcDefaults).optional(),
  extra_config: list(line(512), 64).optional(),
})

const types = ['string', 'number', 'boolean', 'secret', 'select'] as const
const formats = ['ipv4', 'cidr', 'url', 'email', 'hostname'] as const

const validation = fields({
  regex: line(500).optional().describe('Searched in the value; no back references, no looking around'),
  format: z.enum(formats, `must be one of ${formats.join(', ')}`).optional(),
  min: z.number('must be a number').optional(),
  max: z.number('must be a number').optional(),
  min_length: count(0, 65_536).optional(),
  max_length: count(0, 65_536).optional(),
  enum: list(scalar, 1000).min(1, 'must not be empty').optional(),
  enum_dir: ownPath.optional().describe('Folder of the app: the id of each .yml file in it can be chosen'),
})

const input = fields({
  key: inputKey,
  label: line(),
  type: z.enum(types, `must be one of ${types.join(', ')}`),
  default: scalar.optional().describe('Of the type of the input'),
  required: flag.optional(),
  reconfigurable: flag.optional().describe('Whether it can be changed after the install'),
  validation: validation.optional(),
  help: prose(2000).optional(),
  description: prose(2000).optional(),
  group: lineOrEmpty().optional(),
  show_when: fields({ input: inputKey, values: list(scalar, 1000).min(1, 'must not be empty') })
    .optional()
    .describe('Asked for only while another input has one of these values'),
})

const script = z
  .string('must be a text')
  .max(255, 'must have at most 255 characters')
  .regex(/^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*[A-Za-z0-9_-][A-Za-z0-9._-]*\.py$/, 'must be a path that ends in .py')

const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'must be a name of an environment variable')

const permission = list(line(1024), 1000).optional()

const permissions = fields({
  packages: permission,
  pip: permission,
  urls: permission,
  paths: permission,
  services: permission,
  users: permission,
  commands: permission,
  installer_scripts: permission,
  apt_repos: permission,
})

const volume = fields({
  name: z
    .string('must be a text')
    .max(64, 'must have at most 64 characters')
    .regex(/^[a-z0-9][a-z0-9_-]*$/, 'must be small letters, digits, hyphens and underscores'),
  type: z
    .enum(['volume', 'bind'], 'must be volume or bind')
    .optional()
    .describe('volume: storage of its own; bind: a folder of the host'),
  mount_path: guestPath.describe('Where it is in the guest'),
  size_gb: count(1, 131_072).optional().describe('GiB; for a volume'),
  label: lineOrEmpty().optional(),
  description: prose(2000).optional(),
  default_host_path: guestPath.or(z.literal('')).optional(),
  required: flag.optional(),
  read_only: flag.optional(),
  shared_host_path: flag.optional().describe('The folder of the host keeps its owners'),
})

/** What `app.yml` may say, as it is written; {@link typedKeys} says which values are not texts. */
export const appSchema = fields({
  id: kebab.describe('Name of the folder; part of addresses'),
  name: line(100),
  description: prose(2000).refine(text => text.trim() !== '', 'must not be empty'),
  overview: prose().optional().describe('Several lines for the page of the app'),
  version: line(64).describe('Compared number by number; any text'),
  categories: list(line(64), 20).min(1, 'must not be empty'),
  tags: list(line(64), 50).optional().describe('Words for the search'),
  homepage: lineOrEmpty(500).optional(),
  license: lineOrEmpty().optional(),
  icon: lineOrEmpty(500).optional().describe('Address of an icon, where there is no icon.png'),
  official: flag.optional().describe('Counts only where the source is trusted'),
  featured: flag.optional().describe('Counts only where the source is trusted'),
  maintainers: list(line(), 50).optional(),
  lxc,
  inputs: list(input).optional(),
  provisioning: fields({
    script: script.describe('File in provision/ that ends in .py'),
    env: z
      .record(variable, lineOrEmpty(4096), 'must be a map')
      .optional()
      .describe('Environment of the script; {{KEY}} stands for an input'),
    assets: list(lineOrEmpty(), 100).optional().describe('Not used: all of provision/ is copied'),
    timeout_sec: count(1, 86_400).optional().describe('Seconds for one action of the script'),
    user: lineOrEmpty().optional().describe('Not used: scripts run as root of the guest'),
    redact_keys: list(line(), 100).optional().describe('Inputs and variables whose values are not shown'),
  }),
  permissions: permissions.optional(),
  outputs: list(fields({ key: inputKey, label: line(), value: lineOrEmpty(2000) }), 100).optional(),
  gpu: fields({
    supported: list(line(64), 16).optional(),
    required: flag.optional().describe('Refused where there is no such device'),
    profiles: list(line(64), 16).optional(),
    notes: prose(2000).optional(),
  }).optional(),
  volumes: list(volume, 64).optional(),
})

export type AppDocument = z.output<typeof appSchema>
