import type { InputFormat } from '../manifest/manifest.ts'

const octet = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
const ipv4 = new RegExp(`^${octet}(?:\\.${octet}){3}$`)
const cidr = new RegExp(`^${octet}(?:\\.${octet}){3}/(?:[12]?[0-9]|3[0-2])$`)
const label = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/

/** Dotted labels of RFC 1123, 1 to 253 characters; the last is not a number, so that no address is taken for a name. */
export const isHostname = (text: string): boolean =>
  text.length <= 253 && text.split('.').every(part => label.test(part)) && !/(?:^|\.)[0-9]+$/.test(text)

/** Address of the web with a host; no user, no control characters, no blanks. */
function isUrl(text: string): boolean {
  if (!/^https?:\/\/[!#-;=?-[\]_a-~]+$/.test(text) || text.length > 2048 || !URL.canParse(text)) return false
  const { username, password, hostname } = new URL(text)
  return username === '' && password === '' && hostname !== ''
}

/** As a form field of type `email` reads it, with a host that has a dot. */
const isEmail = (text: string): boolean => {
  const [, local = '', host = ''] = /^([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64})@([^@]+)$/.exec(text) ?? []
  return local !== '' && !/^\.|\.\.|\.$/.test(local) && host.includes('.') && isHostname(host)
}

interface Format {
  readonly fits: (text: string) => boolean
  /** What a value must be, in words that follow "must be". */
  readonly words: string
}

/** Each format of the manifest, strictly: no leading zeros, no address out of range. */
export const formats: Readonly<Record<InputFormat, Format>> = {
  ipv4: { fits: text => ipv4.test(text), words: 'an IPv4 address such as 192.0.2.1' },
  cidr: { fits: text => cidr.test(text), words: 'an IPv4 network such as 192.0.2.0/24' },
  url: { fits: isUrl, words: 'an address that begins with https:// or http://' },
  email: { fits: isEmail, words: 'an e-mail address' },
  hostname: { fits: isHostname, words: 'a host name such as app.example.org' },
}
