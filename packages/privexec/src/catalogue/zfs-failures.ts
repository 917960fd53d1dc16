import type { FailureSign } from '../command/command.ts'

/** Failures of zfs that change datasets. Texts of OpenZFS 2.1, 2.3 and of zfs-fuse 0.7. */
export const zfsFailures = {
  exists: { exitCode: 1, stderr: /dataset already exists/ },
  notFound: { exitCode: 1, stderr: /(?:dataset|parent) does not exist|no such (?:dataset|pool)/ },
  noSpace: { exitCode: 1, stderr: /out of space|[Qq]uota exceeded|No space left/ },
  hasDependents: { exitCode: 1, stderr: /has (?:children|dependent clones)/ },
  busy: { exitCode: 1, stderr: /is busy|unmount failed|umount failed/ },
} as const satisfies Readonly<Record<string, FailureSign>>
