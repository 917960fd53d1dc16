import { calls, diskName } from '@broker/proxmox'
import { AppstoreError } from '../errors/error.ts'
import type { Target } from '../guests/guests.ts'
import type { JobPlan, Step } from '../jobs/definition.ts'
import type { Install } from '../model/install.ts'
import type { Job } from '../model/job.ts'
import type { InstallChange } from '../store/installs.ts'
import { ready, watched } from './steps/guest.ts'
import { installOf, type Toolbox } from './toolbox.ts'

/** A disk and the size that it is to have, in GiB. `slot` is `rootfs` or that of a volume. */
export interface ResizeInput {
  readonly slot: string
  readonly size: number
}

const bytesOfGiB = 1024 ** 3

/** Grows a disk in place. A disk cannot be made smaller again, so once it has begun it is seen through. */
export function resizePlan(tools: Toolbox, job: Job): JobPlan {
  const input = job.input as unknown as ResizeInput
  return {
    steps: [growDisk(tools, input)],
    ended: outcome => {
      if (outcome === 'succeeded') tools.store.installs.update(job.install, grown(installOf(tools, { job }), input))
    },
  }
}

/** The step that grows a disk. */
export function growDisk(tools: Toolbox, { slot, size }: ResizeInput): Step {
  return {
    name: 'grow',
    title: 'Grow the disk',
    final: true,
    run: async context => {
      const guest = await ready(tools, context)
      const disk = slot === 'rootfs' ? guest.config.rootfs : guest.config.mp.get(Number(slot.slice(2)))
      if (disk === undefined) throw new AppstoreError('APPSTORE_NOT_FOUND', `The guest has no disk ${slot}`)
      if (sizeOf(disk.size) >= size * bytesOfGiB) return
      const request = (target: Target) =>
        calls.lxc.resize.call({
          ...target,
          disk: diskName(slot),
          size: size * bytesOfGiB,
          digest: guest.config.digest,
        })
      await tools.guests.perform('Growing the disk', guest, request, watched(context))
    },
  }
}

/** What is to be written down of an install whose disk has grown. */
export const grown = ({ resources, volumes }: Install, { slot, size }: ResizeInput): InstallChange =>
  slot === 'rootfs'
    ? { resources: { ...resources, disk: size } }
    : { volumes: volumes.map(volume => (volume.slot === slot ? { ...volume, size } : volume)) }

const units: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: bytesOfGiB, T: 1024 ** 4 }

/** Bytes of a size as Proxmox writes it; 0 when there is none. */
export function sizeOf(text: string | undefined): number {
  const [, number, unit = ''] = /^([\d.]+)([KMGT]?)$/.exec(text ?? '') ?? []
  return number === undefined ? 0 : Number(number) * (units[unit] ?? 1)
}
