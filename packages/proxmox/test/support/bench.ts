import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { directoriesRuntime, type Lab, startLab } from '@broker/proxmox-lab'
import type { Test } from 'tap'
import { connect, newVolume, type Proxmox } from '../../src/index.ts'

const template = 'debian-12-standard_12.7-1_amd64.tar.zst'
/** Polls that suit a lab whose tasks take no time. */
export const fast = { interval: { first: 5, longest: 50 } }

/** A lab with a foreign guest 100, as its store's token and as its administrator see it. */
export interface Bench {
  readonly lab: Lab
  readonly proxmox: Proxmox
  readonly root: Proxmox
}

/** A runtime whose shell says back what it reads. */
const echoing = (): ReturnType<typeof directoriesRuntime> => ({
  ...directoriesRuntime(),
  shell: async () => {
    let say: (bytes: Buffer) => void = () => {}
    return {
      write: bytes => say(Buffer.from(bytes)),
      resize: (columns, rows) => say(Buffer.from(`${columns}x${rows}`)),
      onData: listener => {
        say = listener
      },
      onEnd: () => {},
      end: () => {},
    }
  },
})

/** Starts a lab, and ends it after the test. */
export async function bench(t: Test, version: 8 | 9): Promise<Bench> {
  const directory = mkdtempSync(join(tmpdir(), 'proxmox-client-'))
  const lab = await startLab({
    directory,
    version,
    templates: [template],
    guests: echoing(),
    foreignGuests: [{ vmid: 100, hostname: 'nas', tags: 'appstore;managed' }],
  })
  const { url, caPem, fingerprint, tokenId, tokenSecret, root } = lab
  const proxmox = await connect({ url, token: { id: tokenId, secret: tokenSecret }, tls: { ca: caPem } })
  const administrator = await connect({
    url,
    token: { id: root.tokenId, secret: root.tokenSecret },
    tls: { fingerprint },
  })
  t.teardown(async () => {
    await proxmox.close()
    await administrator.close()
    await lab.stop()
    rmSync(directory, { recursive: true, force: true })
  })
  return { lab, proxmox, root: administrator }
}

/** What a container of these tests is made with. */
export const guest = (vmid: number) => ({
  vmid,
  ostemplate: `local:vztmpl/${template}`,
  rootfs: { volume: newVolume('local', 4) },
  mp0: { volume: newVolume('local', 1), mp: '/data', backup: true },
  net0: { name: 'eth0', bridge: 'vmbr0', ip: 'dhcp' },
  hostname: 'app',
  pool: 'appstore',
  unprivileged: true,
  features: { nesting: true },
  description: 'words of ours\nand a second line',
})
