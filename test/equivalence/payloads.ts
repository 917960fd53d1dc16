import type { Allowed } from '../../packages/privexec/src/decide/decision.ts'
import { startRemotely } from '../../packages/privexec/src/transport/remote/operation.ts'
import { Connection } from './connection.ts'
import { pick, type Random } from './random.ts'
import type { Asked } from './requests.ts'

/** The payload of the request frame that our client sends for what its own decision allowed. */
export function clientPayload(request: Allowed): Buffer {
  const stream = new Connection()
  startRemotely(stream, request, { timeout: 30_000 }, () => new Error('nobody answers')).catch(() => {})
  const payload = stream.payload('client', 'request')
  stream.destroy()
  return payload
}

/** The payload of a request frame as any client that follows the protocol writes it. */
export const payloadOf = ({ command, input }: Asked): Buffer =>
  Buffer.from(JSON.stringify({ protocol: 1, command, input }))

/** A payload that no client of ours would write: one edit of the bytes, or of the JSON that a reader could see two ways. */
export function hostilePayload(asked: Asked, random: Random): Buffer {
  const payload = payloadOf(asked)
  const text = payload.toString()
  const before = (pattern: RegExp, insert: string) => {
    const found = [...text.matchAll(pattern)].map(({ index }) => index)
    if (found.length === 0) return payload
    const at = pick(random, found)
    return Buffer.from(text.slice(0, at) + insert + text.slice(at))
  }
  switch (random(10)) {
    case 0:
      return replaced(payload, random, [random(256)])
    case 1:
      return replaced(payload, random, [])
    case 2:
      return Buffer.concat([payload, Buffer.from(pick(random, ['\0', '}', ' ', '\n', '{}', ',', '\ufeff']))])
    case 3:
      return Buffer.concat([Buffer.from(pick(random, ['\ufeff', ' ', '\0', '[', '"'])), payload])
    case 4:
      return before(/"[a-z]+":/g, pick(random, odd))
    case 5:
      return before(/(?<=[{,])"[a-z]+":/g, pick(random, repeated))
    case 6:
      return Buffer.from(text.replace(/(\d{3,})/, digits => pick(random, numbers(digits))))
    case 7:
      return Buffer.from(
        text.replace(/"([a-z])([a-z]+)":/, (_, first: string, rest: string) => `"${escaped(first)}${rest}":`),
      )
    case 8:
      return payload.subarray(0, random(payload.length))
    default:
      return Buffer.from(text.replace('"protocol":1', pick(random, protocols)))
  }
}

const odd = [
  '"__proto__":{"vmid":20001},',
  '"__proto__":null,',
  '"constructor":{"prototype":{}},',
  '"":0,',
  '"a b":1,',
  ',',
  '//',
]

/** A key twice: which one counts differs between readers. */
const repeated = [
  ...[
    '"vmid":20001,',
    '"vmid":104,',
    '"command":"pct.exec",',
    '"command":"zfs.mount",',
    '"input":{},',
    '"protocol":1,',
  ],
  ...['"dataset":"tank/pgd/databases/a/b",', '"command":["sh"],', '"destination":"/tmp/x",', '"perms":"0644",'],
]

const protocols = [
  '"protocol":2',
  '"protocol":"1"',
  '"protocol":1.0',
  '"protocol":true',
  '"protocol":1,"sudo":true',
  '"x":1',
]

const numbers = (digits: string): string[] => [
  `${digits}.0`,
  `${digits}e0`,
  `0${digits}`,
  `+${digits}`,
  `${digits}n`,
  `-${digits}`,
  `"${digits}"`,
  'NaN',
  `${digits}.00000000000000001`,
]

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

function replaced(payload: Buffer, random: Random, by: readonly number[]): Buffer {
  const at = random(payload.length)
  return Buffer.concat([payload.subarray(0, at), Buffer.from(by), payload.subarray(at + 1)])
}
