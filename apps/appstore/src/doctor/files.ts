import { X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Finding } from '../contract.ts'
import { type Check, failed, ok, tried, warning } from './check.ts'

const day = 86_400_000

/** Files of the daemon: who may write or read them, and until when its certificate is valid. */
export const fileChecks: Check = async ({ config }) => {
  const { file, state, proxmox, listen } = config
  const certificate = listen.certificate ?? join(state, 'tls.crt')
  const key = listen.key ?? join(state, 'tls.key')
  return (
    await Promise.all([
      guarded('config', file, 0o022),
      guarded('config', dirname(file), 0o022),
      guarded('token', proxmox.tokenFile, 0o027),
      guarded('state', state, 0o027),
      guarded('certificate', key, 0o077),
      tried('certificate', 'Have it made anew, or correct listen.certificate', async () => {
        const { validFrom, validTo } = new X509Certificate(await readFile(certificate))
        return validity(certificate, new Date(validFrom).getTime(), new Date(validTo).getTime())
      }),
    ])
  ).flat()
}

/** Whether a certificate is valid at an instant, and for a month more. Milliseconds since 1970. */
export function validity(name: string, from: number, to: number, now = Date.now()): Finding {
  const until = new Date(to).toISOString().slice(0, 10)
  const renew = 'Renew it; one of the daemon’s own is renewed when the daemon starts'
  if (now < from) return failed('certificate', `${name} is not valid yet`, "Set the machine's clock")
  if (now > to) return failed('certificate', `${name} was valid until ${until}`, renew)
  if (to - now < 30 * day) return warning('certificate', `${name} is valid until ${until} only`, renew)
  return ok('certificate', `${name} is valid until ${until}`)
}

/**
 * A file or directory of root's or of this account, without the bits of `least`. What others may not read, a group that is
 * not this account's own may not read either.
 */
async function guarded(check: string, path: string, least: number): Promise<readonly Finding[]> {
  return tried(check, 'An administrator makes it with appstore setup', async () => {
    const { uid, gid, mode } = await stat(path)
    const octal = (mode & 0o7777).toString(8).padStart(4, '0')
    if (uid !== 0 && uid !== process.getuid?.()) {
      return failed(check, `${path} belongs to the account ${uid}`, `chown root ${path}`)
    }
    const isOwn = gid === 0 || gid === process.getegid?.()
    const forbidden = isOwn || (least & 0o004) === 0 ? least : least | 0o050
    if ((mode & forbidden) === 0) return ok(check, `${path} has mode ${octal}`)
    const wanted = (mode & 0o777 & ~forbidden).toString(8).padStart(4, '0')
    const what = (mode & forbidden & 0o022) === 0 ? 'read' : 'written'
    return failed(check, `${path} has mode ${octal}: it can be ${what} by others`, `chmod ${wanted} ${path}`)
  })
}
