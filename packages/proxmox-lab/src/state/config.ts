import { createHash } from 'node:crypto'
import type { Config, Guest } from './types.ts'

const integers = new Set([
  'console',
  'cores',
  'cpuunits',
  'debug',
  'memory',
  'onboot',
  'protection',
  'swap',
  'template',
  'tty',
  'unprivileged',
])

/** A configuration as answers have it: numbers as numbers, and the description with a line feed at its end. */
export function shown(config: Config): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, integers.has(key) ? Number(value) : shownText(key, value)]),
  )
}

const shownText = (key: string, value: string): string => (key === 'description' ? description(value) : value)

/** How a description comes back: empty lines at its end are lost, and every line ends with a line feed. */
const description = (value: string): string => `${value.replace(/\n+$/, '')}\n`

/** The file of a guest below /etc/pve. */
export function fileText(guest: Guest): string {
  const parts = [section(guest.config)]
  const pending = Object.entries(guest.pending)
  if (pending.length > 0) {
    const set = Object.fromEntries(pending.filter((entry): entry is [string, string] => entry[1] !== null))
    const deleted = pending.filter(([, value]) => value === null).map(([key]) => key)
    parts.push(`[pve:pending]\n${section(set)}${deleted.length > 0 ? `delete: ${deleted.join(',')}\n` : ''}`)
  }
  for (const [name, { config, snaptime }] of Object.entries(guest.snapshots).sort())
    parts.push(`[${name}]\n${section({ ...config, snaptime: String(snaptime) })}`)
  return parts.join('\n')
}

function section(config: Config): string {
  const { description: text, ...rest } = config
  const comment = text === undefined ? '' : description(text).slice(0, -1)
  const lines = comment === '' ? [] : comment.split('\n').map(line => `#${encode(line)}`)
  for (const key of Object.keys(rest).sort()) lines.push(`${key}: ${rest[key]}`)
  return lines.map(line => `${line}\n`).join('')
}

/** Text in a comment: colons, percent signs and what is not plain are encoded. */
const encode = (line: string): string =>
  line.replaceAll(/[^ -$&-9;-~]/gu, character =>
    [...Buffer.from(character)].map(byte => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  )

/** What tells whether a configuration was changed since somebody read it: SHA-1 of the file. */
export const digestOf = (guest: Guest): string => createHash('sha1').update(fileText(guest)).digest('hex')

/** Keys of the disks of a configuration, rootfs first. */
export function diskKeys(config: Config): string[] {
  const number = (key: string): number => (key === 'rootfs' ? -1 : Number(key.slice(2)))
  return Object.keys(config)
    .filter(key => key === 'rootfs' || /^mp\d+$/.test(key))
    .sort((a, b) => number(a) - number(b))
}

/** Bytes of a size such as `4G`; a number alone is bytes. */
export function bytesOf(size: string): number {
  const [, digits = '0', unit = ''] = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(size) ?? []
  return Math.floor(Number(digits) * 1024 ** ' KMGT'.indexOf(unit === '' ? ' ' : unit))
}

/** A size in the greatest unit that divides it. */
export function sizeText(bytes: number): string {
  for (const [power, unit] of [
    [4, 'T'],
    [3, 'G'],
    [2, 'M'],
    [1, 'K'],
  ] as const)
    if (bytes >= 1024 ** power && bytes % 1024 ** power === 0) return `${bytes / 1024 ** power}${unit}`
  return String(bytes)
}
