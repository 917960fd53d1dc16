import { request } from 'node:https'
import { type Check, failed, ok, tried, warning } from './check.ts'

/** Seconds that clocks may differ before somebody is told, and before it is a fault: tickets and certificates have times. */
const worth = 5
const most = 60

/** The clock of this machine beside that of the node. */
export const clockCheck: Check = ({ config, signal }) =>
  tried('clock', 'Check proxmox.url', async () => {
    const began = Date.now()
    const theirs = await dateOf(config.proxmox.url, signal)
    const now = (began + Date.now()) / 2
    // The header has whole seconds.
    const apart = Math.round(Math.abs(now - theirs - 500) / 1000)
    const text = `The clocks of this machine and of the node are ${apart} s apart`
    const fix = 'Have both keep their time with NTP: systemctl enable --now chrony'
    if (apart >= most) return failed('clock', text, fix)
    return apart >= worth ? warning('clock', text, fix) : ok('clock', text)
  })

/** The `Date` of an answer, in milliseconds since 1970. Nothing secret is sent, so any certificate will do. */
function dateOf(url: string, signal: AbortSignal | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    const target = new URL('/api2/json/version', url)
    if (target.port === '' && !/:443(?:\/|$)/.test(url)) target.port = '8006'
    const asked = request(
      target,
      { method: 'GET', agent: false, rejectUnauthorized: false, timeout: 10_000, ...(signal && { signal }) },
      answer => {
        answer.resume()
        const time = Date.parse(answer.headers.date ?? '')
        if (Number.isNaN(time)) reject(new Error('The answer of Proxmox has no date'))
        else resolve(time)
      },
    )
    asked.on('timeout', () => asked.destroy(new Error('Proxmox did not answer within 10 s')))
    asked.on('error', reject)
    asked.end()
  })
}
