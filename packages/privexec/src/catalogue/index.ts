import { pctExec } from './pct-exec.ts'
import { pctPush } from './pct-push.ts'
import { zfsMount } from './zfs-mount.ts'
import { zfsUnmount } from './zfs-unmount.ts'

/** The commands that policies may grant by name. */
export const catalogue = [pctExec, pctPush, zfsMount, zfsUnmount] as const
