import type { ErrorCode } from '../../packages/privexec/src/errors/registry.ts'
import { policyDirectory } from '../../packages/privexec/src/policy/installed.ts'
import { defaultLimits } from '../../packages/privexec/src/policy/limits.ts'
import { socketPath } from '../../packages/privexec/src/transport/daemon/path.ts'
import { callPath } from '../../packages/privexec/src/transport/portable/path.ts'
import { type FrameName, frameType, inputWindow, longestPayload } from '../../packages/privexec/src/wire/frame.ts'
import { deepest } from '../../packages/privexec/src/wire/json.ts'
import { protocolVersion } from '../../packages/privexec/src/wire/message.ts'
import { messageJsonSchemas, type ObjectSchema, type PropertySchema } from '../../packages/privexec/src/wire/schema.ts'

/** What each frame is for, and when it may come. */
const meanings: Readonly<Record<FrameName, string>> = {
  request: 'What is asked. The first frame, and the only one of its kind',
  input: 'Bytes of standard input, or of the content to push; as many as there is credit for',
  inputEnd: 'The input is complete. It has no payload',
  resize: 'A new size of the terminal, when the request asked for one',
  cancel: 'The operation is to be ended. It has no payload; the outcome still follows',
  accepted: 'The operation is admitted, and may have to wait for its turn. Content is sent now',
  credit: 'So many bytes more of input may be sent: four bytes, big-endian',
  stdout: 'Bytes of standard output',
  stderr: 'Bytes of standard error',
  started: 'Everything that root checks was in order, the intent is on the disk, the program runs',
  outcome: 'How it ended. The last frame, when there was `started`',
  refused: 'Why nothing was started. The last frame, when there was no `started`',
}

/** What a refusal may say, and when. */
const refusals = {
  PRIVEXEC_PROTOCOL_INVALID: 'What was sent is not this protocol',
  PRIVEXEC_PEER_REFUSED: 'The policy is for another account',
  PRIVEXEC_NOT_GRANTED: 'The policy has no such command',
  PRIVEXEC_ARGUMENT_INVALID: 'A field is missing, unknown, of another type, or too long; `field` names it',
  PRIVEXEC_OUT_OF_BOUNDS: 'A field is outside the bounds of the policy; `field` names it',
  PRIVEXEC_BUSY: 'The limits of the policy are reached; the same request may be allowed later',
  PRIVEXEC_GUARD_REFUSED: 'The object is not one that may be touched; there is one answer for every reason',
  PRIVEXEC_TIMED_OUT: 'The time was over before the program could be started',
  PRIVEXEC_CANCELLED: 'The client cancelled before the program was started',
  PRIVEXEC_DAEMON_UNAVAILABLE: 'The broker ends',
  PRIVEXEC_STAGING_UNSAFE: 'Root has no directory for content that nobody else could change',
  PRIVEXEC_STREAM_FAILED: 'The content did not arrive whole',
  PRIVEXEC_AUDIT_UNAVAILABLE: 'The intent could not be recorded',
  PRIVEXEC_STATUS_LOST: 'The program could not be started, or the broker has a fault',
} as const satisfies Partial<Record<ErrorCode, string>>

/** The page of the protocol, from its frames and messages. */
export async function protocolPage(): Promise<string> {
  const schemas = await messageJsonSchemas()
  const names = Object.keys(frameType) as FrameName[]
  const ofClient = names.filter(name => frameType[name] < 128)
  const ofRoot = names.filter(name => frameType[name] > 127)
  return [
    '# Protocol of the root-side broker',
    '',
    `Version ${protocolVersion}. For programs that do not use the library:`,
    '[twenty lines of Python](../examples/privexec-call.py) make a call, print its output, and exit as it did.',
    '',
    `A client connects to \`${socketPath('POLICY')}\`, a stream socket, or has sudo start`,
    `\`${callPath('POLICY')}\` without arguments and speaks on its standard input and output.`,
    'Who asks is what the kernel, or sudo, says; what may be asked is what the installed policy,',
    `\`${policyDirectory}/POLICY.json\`, says. A request names a command of [the catalogue](commands.md) and gives`,
    'its fields. It is never a command line.',
    '',
    '## Frames',
    '',
    `A frame is a type (one byte), the length of the payload (four bytes, big-endian, at most ${number(longestPayload)}), and the`,
    'payload. Another type or a longer payload is refused when its head has been read.',
    '',
    '| type | frame of the client | payload | meaning |',
    '| --- | --- | --- | --- |',
    ...ofClient.map(name => row(name, schemas[name])),
    '',
    '| type | frame of root | payload | meaning |',
    '| --- | --- | --- | --- |',
    ...ofRoot.map(name => row(name, schemas[name])),
    '',
    'In the order in which they come:',
    '',
    '    client  request ──► (input … inputEnd)  resize …  (cancel)',
    '    root            ◄── accepted  (credit …)  started  stdout … stderr …  outcome',
    '                    ◄── refused                                    at any time before `started`',
    '',
    '- One connection is one operation. A second request on it is an error.',
    '- A request has five seconds to arrive.',
    '- `refused` is final: nothing was started, and another way to the same end must not be tried. Only `PRIVEXEC_BUSY` is',
    '  about the moment and not about the request.',
    '- Without `stdin` in the request, standard input is empty. Otherwise it may be sent as soon as the request is, and',
    '  content to push when `accepted` has come. `inputEnd` ends either; content is used only when it is complete.',
    `- ${number(inputWindow)} bytes of input may be sent at first; each \`credit\` allows so many more. More is an error. A client`,
    '  that sends less, or nothing, need not count.',
    '- Output is not counted: root sends while the client reads, and a program whose output nobody reads waits.',
    '- Frames of root that a client does not need, it skips by their length.',
    '',
    '## What ends an operation',
    '',
    'Root ends everything that it started for the operation when',
    '',
    '- the program has exited (what it left behind on the host is ended too),',
    '- the time limit of the policy or of the request is over, counted from the request and with all waiting,',
    '- the client sends `cancel`,',
    '- **the client closes the connection, or its direction of it, before the outcome has come**,',
    '- the client sends something that is no frame, or no frame for that moment,',
    '- the broker is stopped.',
    '',
    'So the connection stays open in both directions until `outcome` or `refused` has arrived. When it ends without either,',
    'it is not known what happened; the audit file says it. The broker closes its direction after the last frame, and the',
    'connection five seconds later.',
    '',
    'An outcome without `exitCode` is not a success, nor is one with `interruption`, with `recorded: false`, or with an exit',
    'status other than 0. The exit status is the program’s own: where a program says only on standard error that it failed,',
    'as `pct push` does, [the catalogue](commands.md) says so.',
    '',
    '## JSON',
    '',
    'UTF-8 without a byte order mark. What two readers could read differently is refused: a key twice in one object, a key',
    'that is not letters, digits and `_` with a letter first, or that is written with an escape, half a surrogate pair, a',
    `number beyond double precision, more than ${deepest} levels. Objects have the keys below and no others.`,
    '',
    ...ofClient.concat(ofRoot).flatMap(name => section(name, schemas[name])),
    '## Refusals',
    '',
    '| code | when |',
    '| --- | --- |',
    ...Object.entries(refusals).map(([code, when]) => `| \`${code}\` | ${when} |`),
    '',
    '[All codes](errors.md).',
    '',
    '## Limits',
    '',
    'All connections of a policy together have the limits that stand below `limits` in [its file](policy-file.md);',
    `by default ${number(defaultLimits.running)} operations run and ${number(defaultLimits.queue)} wait, ${number(defaultLimits.perMinute)} requests are taken in a minute,`,
    `and content may have ${number(defaultLimits.content)} bytes. Operations on one container or dataset run one after another,`,
    'those with a terminal aside.',
    '',
  ].join('\n')
}

const number = (value: number): string => value.toLocaleString('en-US')

function row(name: FrameName, schema: ObjectSchema | undefined): string {
  const payload = {
    input: 'bytes',
    stdout: 'bytes',
    stderr: 'bytes',
    inputEnd: 'none',
    cancel: 'none',
    credit: 'number',
  }
  const kind = schema ? `[JSON](#${name})` : payload[name as keyof typeof payload]
  return `| ${frameType[name]} | \`${name}\` | ${kind} | ${meanings[name]} |`
}

function section(name: FrameName, schema: ObjectSchema | undefined): string[] {
  if (!schema) return []
  return [`### \`${name}\``, '', '| key | | value | meaning |', '| --- | --- | --- | --- |', ...rows(schema, ''), '']
}

function rows({ properties, required = [] }: ObjectSchema, lead: string): string[] {
  return Object.entries(properties).flatMap(([key, value]) => {
    const need = required.includes(key) ? 'required' : 'optional'
    const own = `| \`${lead}${key}\` | ${need} | ${valueText(value)} | ${value.description ?? ''} |`
    return [own, ...(value.properties ? rows(value as ObjectSchema, `${lead}${key}.`) : [])]
  })
}

function valueText(value: PropertySchema): string {
  const { type = '', enum: choices, const: only, pattern, maxLength, minimum, maximum, exclusiveMinimum } = value
  if (only !== undefined) return `\`${JSON.stringify(only)}\``
  if (choices) return choices.length > 5 ? 'text' : choices.map(choice => `\`"${choice}"\``).join(', ')
  if (type === 'string') {
    if (pattern) return `text, \`${pattern}\``
    return maxLength ? `text of at most ${number(maxLength)} characters` : 'text'
  }
  if (type === 'array') return 'array of texts'
  if (type === 'boolean') return '`true` or `false`'
  if (type === 'object') return 'object'
  const from = minimum ?? (exclusiveMinimum === undefined ? '' : `above ${exclusiveMinimum}`)
  return `${type === 'integer' ? 'whole number' : 'number'}, ${from} to ${number(maximum ?? 0)}`
}
