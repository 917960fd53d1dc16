import { pctExec } from './pct-exec.ts'
import { pctPush } from './pct-push.ts'
import { zfsClone } from './zfs-clone.ts'
import { zfsCreate } from './zfs-create.ts'
import { zfsDestroy } from './zfs-destroy.ts'
import { zfsList } from './zfs-list.ts'
import { zfsMount } from './zfs-mount.ts'
import { zfsOwn } from './zfs-own.ts'
import { zfsProject } from './zfs-project.ts'
import { zfsPromote } from './zfs-promote.ts'
import { zfsRename } from './zfs-rename.ts'
import { zfsSet } from './zfs-set.ts'
import { zfsSnapshot } from './zfs-snapshot.ts'
import { zfsUnmount } from './zfs-unmount.ts'

/** The commands that policies may grant by name. */
export const catalogue = [
  ...[pctExec, pctPush, zfsMount, zfsUnmount],
  ...[zfsList, zfsProject, zfsCreate, zfsClone, zfsSnapshot, zfsSet, zfsRename, zfsPromote, zfsDestroy, zfsOwn],
] as const
