import { done } from './failure.ts'
import { patiently } from './patiently.ts'
import type { Zfs } from './verbs.ts'

/** How datasets and snapshots are unmounted and destroyed; what is just being closed gets a moment, what is gone is done. */
export const removal = (zfs: Zfs) => ({
  unmountNow: (dataset: string): Promise<string> =>
    done(
      `Unmounting ${dataset}`,
      patiently(() => zfs.unmount(dataset)),
      'notMounted',
      'notFound',
    ),
  destroyNow: async (action: string, member: string): Promise<void> =>
    void (await done(
      action,
      patiently(() => zfs.destroy(member)),
      'notFound',
    )),
})
