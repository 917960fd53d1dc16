import { flag, number, propertyString, text } from './property.ts'

/** What a container may do beyond the usual. Tokens may set `nesting` only. */
export const features = propertyString(
  {
    nesting: flag,
    keyctl: flag,
    fuse: flag,
    mknod: flag,
    mount: text(/[a-zA-Z0-9_; ]+/, 'types of file systems, by semicolon'),
    force_rw_sys: flag,
  },
  [],
)

/** Device of the node in a container, `dev0` to `dev255`; refused to tokens. */
export const device = propertyString(
  {
    path: text(/\/dev\/[^\s,=]{1,200}/, 'a path below /dev'),
    mode: text(/0[0-7]{3}/, 'a mode such as 0660'),
    uid: number(0, 4_294_967_294),
    gid: number(0, 4_294_967_294),
    'deny-write': flag,
  },
  ['path'],
  'path',
)

/** Order and delays in seconds when the node starts and stops. */
export const startup = propertyString(
  { order: number(0, 1_000_000), up: number(0, 1_000_000), down: number(0, 1_000_000) },
  [],
  'order',
)

export type Features = NonNullable<ReturnType<typeof features.parse>>
export type Device = NonNullable<ReturnType<typeof device.parse>>
export type Startup = NonNullable<ReturnType<typeof startup.parse>>
