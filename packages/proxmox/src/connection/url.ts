import { escapeValue } from '@broker/privexec/escape'
import { invalid } from '../errors/error.ts'

/** Port of pveproxy. */
const usualPort = 8006

/** Origin of the API. Throws `PROXMOX_INPUT_INVALID` for anything but https, and for a path, query or credentials. */
export function parseOrigin(text: string): URL {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw invalid('url', `${escapeValue(text)} is not an URL such as https://node:8006`)
  }
  if (url.protocol !== 'https:') throw invalid('url', 'only https: anything else shows the token')
  if (url.username !== '' || url.password !== '') throw invalid('url', 'a URL with a password in it; use a token')
  if (!/^\/?(?:api2\/json\/?)?$/.test(url.pathname) || url.search !== '' || url.hash !== '') {
    throw invalid('url', `${escapeValue(text)} has more than scheme, host and port`)
  }
  // The URL standard drops the port that is the scheme's own, so that 443 has to be looked for in the text.
  const hasPort = /^https:\/\/(?:\[[^\]]*\]|[^/:]*):\d+/i.test(text.trim())
  return new URL(`https://${url.hostname}:${hasPort ? url.port || '443' : usualPort}`)
}
