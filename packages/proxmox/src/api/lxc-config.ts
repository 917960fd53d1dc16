import { z } from 'zod'
import { count, maybe, of, string, truth } from '../request/lenient.ts'
import { type Device, device, type Features, features, type Startup, startup } from '../values/features.ts'
import { type MountPoint, mountPoint, rootfs } from '../values/mount-point.ts'
import { digest } from '../values/names.ts'
import { type Net, net } from '../values/net.ts'
import type { PropertyString } from '../values/property.ts'
import { parseTags } from '../values/tags.ts'

const known = z.object({
  /** Of the file, snapshots and pending changes included; to be given back with a change. */
  digest: of(digest),
  hostname: maybe(string),
  /** As Proxmox keeps it: often with a line feed at the end that was not given. */
  description: maybe(string),
  tags: maybe(string.transform(parseTags)),
  lock: maybe(string),
  arch: maybe(string),
  ostype: maybe(string),
  cores: maybe(count),
  cpulimit: maybe(count),
  cpuunits: maybe(count),
  /** MiB. */
  memory: maybe(count),
  /** MiB. */
  swap: maybe(count),
  onboot: maybe(truth),
  protection: maybe(truth),
  template: maybe(truth),
  unprivileged: maybe(truth),
  nameserver: maybe(string),
  searchdomain: maybe(string),
  timezone: maybe(string),
  hookscript: maybe(string),
  parent: maybe(string),
  rootfs: maybe(string.transform(text => rootfs.parse(text))),
  features: maybe(string.transform(text => features.parse(text))),
  startup: maybe(string.transform(text => startup.parse(text))),
  /** Lines of LXC's own configuration; only root can have written them. */
  lxc: maybe(z.array(z.tuple([string, string]))),
})

/** Configuration of a container. What it is made of is by number: `mp.get(0)` is `mp0`. */
export type GuestConfig = z.infer<typeof known> & {
  readonly features?: Features | undefined
  readonly startup?: Startup | undefined
  readonly net: ReadonlyMap<number, Net>
  readonly mp: ReadonlyMap<number, MountPoint>
  readonly dev: ReadonlyMap<number, Device>
  /** Volumes that belong to the guest and are mounted nowhere: they are destroyed with it. */
  readonly unused: ReadonlyMap<number, string>
  /** All options as they came, also those that this library does not know or could not read. */
  readonly raw: Readonly<Record<string, string>>
}

function members<T>(raw: Readonly<Record<string, string>>, stem: string, codec: Pick<PropertyString<T>, 'parse'>) {
  const found = new Map<number, T>()
  for (const [name, value] of Object.entries(raw)) {
    const [, index] = new RegExp(`^${stem}(\\d+)$`).exec(name) ?? []
    const parsed = index === undefined ? undefined : codec.parse(value)
    if (parsed !== undefined) found.set(Number(index), parsed)
  }
  return found
}

/** Reads the configuration of a container, of a snapshot, too. */
export const guestConfig = z.record(z.string(), z.unknown()).transform((given, context): GuestConfig => {
  const parsed = known.safeParse(given)
  if (!parsed.success) {
    for (const { path, message } of parsed.error.issues) context.addIssue({ code: 'custom', path, message })
    return z.NEVER
  }
  const texts = Object.entries(given).flatMap(([name, value]) =>
    typeof value === 'string' || typeof value === 'number' ? [[name, String(value)] as const] : [],
  )
  const raw = Object.fromEntries(texts)
  return {
    ...parsed.data,
    net: members(raw, 'net', net),
    mp: members(raw, 'mp', mountPoint),
    dev: members(raw, 'dev', device),
    unused: members(raw, 'unused', { parse: text => text }),
    raw,
  }
})
