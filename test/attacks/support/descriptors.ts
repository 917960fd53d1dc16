import { join } from 'node:path'
import { socketPath } from '../../../packages/privexec/src/transport/daemon/path.ts'
import { encodeJson, FrameReader } from '../../../packages/privexec/src/wire/frame.ts'
import { type RunOptions, runAs } from '../../host/service.ts'
import type { Heard } from './frames.ts'
import { trace } from './trace.ts'

/** Node can send no descriptor over a socket, so Perl does. */
const script = join(import.meta.dirname, 'descriptors.pl')

/** Asks on the socket of a policy as an account, and sends an open file along with the request. */
export async function sendDescriptor(user: string, policy: string, file: string, request: object): Promise<Heard> {
  return heard(user, ['send', socketPath(policy), file], request)
}

/**
 * Asks over a connection that somebody else made: `giver` connects and hands the socket to `user`, who writes the request
 * and reads the answer. They meet at a socket in /tmp of the host. The giver's argv may begin with `before`.
 */
export async function throughHandedSocket(
  giver: string,
  user: string,
  policy: string,
  request: object,
  before: readonly string[] = [],
): Promise<Heard> {
  const meeting = `/tmp/handed-${Math.random().toString(36).slice(2)}`
  const taking = heard(user, ['take', meeting], request, { readOnly: false })
  const giving = runAs(giver, [...before, 'perl', script, 'give', meeting, socketPath(policy)], {
    readOnly: false,
    timeout: 20_000,
  })
  const [answer, gave] = await Promise.all([taking, giving])
  if (gave.exitCode !== 0) throw new Error(`nothing was handed over: ${gave.stderr}`)
  return answer
}

async function heard(user: string, args: readonly string[], request: object, options: RunOptions = {}): Promise<Heard> {
  const bytes = encodeJson('request', { protocol: 1, ...request }).toString('hex')
  const { stdout, stderr } = await runAs(user, ['perl', script, ...args, bytes], { timeout: 20_000, ...options })
  const frames = [...new FrameReader('root').push(Buffer.from(stdout.trim(), 'hex'))].map(({ name, payload }) => ({
    name,
    text: payload.toString('latin1'),
  }))
  const last = frames.findLast(({ name }) => name === 'refused' || name === 'outcome')
  if (!last) throw new Error(`no answer: ${stdout} ${stderr}`)
  const printed = frames.map(({ name, text }) => (name === 'stdout' ? text : '')).join('')
  const answer = { frames, last: JSON.parse(last.text), stdout: printed, took: 0 }
  trace({ user, args, request, ...answer })
  return answer
}
