import type { Lab } from '@broker/proxmox-lab'
import { AppstoreError } from '../errors/error.ts'
import type { GuestDoor } from '../provision/door.ts'

/** The way into a guest of the lab, where `pct` and root are not needed. */
export function labDoor(lab: Lab, vmid: number): GuestDoor {
  return {
    exec: async (argv, { stdin, signal, timeout, onStdout } = {}) => {
      const limit = timeout === undefined ? undefined : AbortSignal.timeout(timeout)
      const signals = [signal, limit].filter(one => one !== undefined)
      const either = signals.length === 0 ? undefined : AbortSignal.any(signals)
      const { exitCode, stdout, stderr } = await lab.guest(vmid).exec(argv, {
        env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
        ...(stdin === undefined ? {} : { stdin }),
        ...(either === undefined ? {} : { signal: either }),
        ...(onStdout === undefined ? {} : { onStdout: chunk => void onStdout(chunk) }),
      })
      if (limit?.aborted && !signal?.aborted) throw new AppstoreError('APPSTORE_TIMED_OUT', `${argv[0]} took too long`)
      signal?.throwIfAborted()
      return { exitCode, stdout: onStdout === undefined ? stdout.toString() : '', stderr: stderr.toString() }
    },
    push: async (content, path, { perms }) => {
      await lab.guest(vmid).push(path, content, { mode: Number.parseInt(perms, 8) })
    },
  }
}
