import { define } from '../request/definition.ts'
import { of } from '../request/lenient.ts'
import { beside, bool, int, list, oneOf, optional, words } from '../request/parameter.ts'
import { upid } from '../values/upid.ts'
import { node, storage, vmid } from './parameters.ts'

export const backup = {
  /**
   * Backs guests up; needs VM.Backup on each and Datastore.AllocateSpace on the storage. Mount points are in it only
   * with `backup=1`. `remove: false` keeps older backups, which is not what Proxmox does by default. The name of the
   * backup is in the task's log, and in the content of the storage.
   */
  create: define(
    'POST',
    '/nodes/{node}/vzdump',
    {
      node,
      vmid: list(vmid),
      storage: optional(storage),
      mode: optional(oneOf('snapshot', 'suspend', 'stop')),
      compress: optional(oneOf('0', '1', 'gzip', 'lzo', 'zstd')),
      lockwait: optional(int(0, 100_000)),
      stopwait: optional(int(0, 100_000)),
      'notes-template': beside('storage', words(1024)),
      protected: beside('storage', bool),
      remove: optional(bool),
      quiet: optional(bool),
      stdexcludes: optional(bool),
      'notification-mode': optional(oneOf('auto', 'legacy-sendmail', 'notification-system')),
    },
    of(upid),
  ),
}
