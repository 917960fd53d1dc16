import { flag, propertyString, text } from './property.ts'
import { parseSize } from './size.ts'

const options = 'discard|lazytime|noatime|nodev|noexec|nosuid'

const volume = text(/(?!.*\/\.\.?(?:\/|$))[^\s,=][^\s,]{0,254}/, 'a volume, a new one (storage:GiB), or a path')

const size = {
  read: (value: string): string | undefined => (/^\d{1,16}(?:\.\d{1,9})?[KMGT]?$/.test(value) ? value : undefined),
  print: (value: string, field: string): string => {
    parseSize(value, field)
    return value
  },
}

const common = {
  volume,
  size,
  acl: flag,
  mountoptions: text(new RegExp(`(?:${options})(?:;(?:${options}))*`), `options by semicolon, of ${options}`),
  quota: flag,
  replicate: flag,
  ro: flag,
  shared: flag,
}

/** `rootfs` of a container. */
export const rootfs = propertyString(common, ['volume'], 'volume')

/** `mp0` to `mp255` of a container: `mp` is where it is mounted. Without `backup`, backups leave the volume out. */
export const mountPoint = propertyString(
  {
    ...common,
    // A backslash or colon would change what LXC reads in its own configuration.
    mp: text(
      /(?!.*\/\.\.?(?:\/|$))\/[^,:\\\p{Cc}]{0,1000}/u,
      'an absolute path in the guest, without `..`, comma, colon and backslash',
    ),
    backup: flag,
    keepattrs: flag,
  },
  ['volume', 'mp'],
  'volume',
)

export type Rootfs = NonNullable<ReturnType<typeof rootfs.parse>>
export type MountPoint = NonNullable<ReturnType<typeof mountPoint.parse>>
export const mountPointCount = 256
