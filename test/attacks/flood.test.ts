import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { socketPath } from '../../packages/privexec/src/transport/daemon/path.ts'
import { dataFrames, encodeFrame, encodeJson } from '../../packages/privexec/src/wire/frame.ts'
import { runScriptAs } from '../host/service.ts'
import { attack } from './support/attack.ts'
import { ask, execFrame, mountFrame, mustRefuse, pushFrame, rawBytes, rawRequest, speak } from './support/frames.ts'
import { withNaive } from './support/naive/naive.ts'
import { naiveSocket } from './support/naive/paths.ts'
import { growth } from './support/processes.ts'
import { askPgd, askStore, daemonOf, rootPolicies } from './support/root-side.ts'
import { setScene } from './support/scene.ts'
import { trace } from './support/trace.ts'

setScene({ containers: true, zfs: true })

const megabyte = 1_048_576
const script = join(import.meta.dirname, 'support/flood.ts')

/** What came of a flood. */
interface Flood {
  readonly written: number
  readonly connected: number
  readonly ended: number
}

async function flood(user: string, ...args: readonly (string | number)[]): Promise<Flood> {
  const { stdout, stderr } = await runScriptAs(user, script, args.map(String), { timeout: 120_000 })
  if (stdout === '') throw new Error(`the flood did not run: ${stderr}`)
  const came = JSON.parse(stdout) as Flood
  trace({ flood: args.slice(0, 3), ...came })
  return came
}

/** The head of a frame: its type, and any length. */
function head(type: number, length: number): Buffer {
  const bytes = Buffer.alloc(5, type)
  bytes.writeUInt32BE(length, 1)
  return bytes
}

const hex = (...frames: readonly Uint8Array[]): string => Buffer.concat(frames).toString('hex')
const request = (frame: object) => encodeJson('request', { protocol: 1, ...frame })
const input = [...dataFrames('input', Buffer.alloc(65_536 * 16))]

const isServed = async (): Promise<boolean> => (await askStore([execFrame(['true'])]))[0]?.last.exitCode === 0
/** A dataset that is there or not: what counts is that the other broker decides. */
const isOtherServed = async (): Promise<boolean> =>
  (await askPgd([mountFrame('tank/other')]))[0]?.last.code === 'PRIVEXEC_OUT_OF_BOUNDS'

attack({
  id: 'A38',
  title:
    'input that is too long, too deep, too slow or comes over too many connections costs root no memory and nobody else the service',
  shown: 'a helper that reads a line keeps 200 MB of a line that never ends',
  baseline: () =>
    withNaive(
      async ({ pid }) => (await growth(pid, () => flood('mallory', 'bytes', naiveSocket, 200))) > 150 * megabyte,
    ),
  ours: {
    daemon: async () => {
      const [store] = await Promise.all([daemonOf(rootPolicies.store()), daemonOf(rootPolicies.pgd())])
      const path = socketPath('store_root')
      const failures: string[] = []
      const must = (isSo: boolean, what: string) => isSo || failures.push(what)
      const grown = await growth(store.child.pid, async () => {
        // Lengths that nobody means, of frames that there are and are not, with as many bytes after them.
        const lengths = [
          [1, 0xffffffff],
          [2, 0x7fffffff],
          [1, 65_537],
          [129, 10],
        ] as const
        await Promise.all(lengths.map(each => flood('appstore', 'bytes', path, 10, hex(head(each[0], each[1])))))
        // Content without end, without credit; and credit that is never used.
        const pushed = await speak('appstore', [
          { policy: 'store_root', steps: [rawBytes(request(pushFrame('/root/flood')), ...input)] },
          { policy: 'store_root', steps: [rawBytes(encodeFrame('input', Buffer.alloc(1)))] },
          { policy: 'store_root', steps: [rawBytes(encodeFrame('inputEnd'))] },
          { policy: 'store_root', steps: [rawBytes(request(execFrame(['cat'])), request(execFrame(['cat'])))] },
        ])
        must(
          pushed.every(({ last }) => last.exitCode === undefined),
          'input without credit was taken',
        )
        const deep = [
          '['.repeat(60_000),
          `{"a":${'['.repeat(9)}${']'.repeat(9)}}`,
          '{"a":'.repeat(12_000),
          '"'.repeat(65_000),
        ]
        mustRefuse(
          await speak(
            'appstore',
            deep.map(text => ({ policy: 'store_root', steps: [rawRequest(text)] })),
          ),
          'PRIVEXEC_PROTOCOL_INVALID',
        )
        // A few that write a byte now and then, and some that say what they want and send no content, keep nobody out.
        const slow = flood('appstore', 'idle', path, 20, 7000, hex(head(1, 60_000)))
        const silent = flood(
          'appstore',
          'idle',
          path,
          20,
          4000,
          hex(request(pushFrame('/root/flood')), head(2, 65_536)),
        )
        await delay(1500)
        must(await isServed(), 'nobody is served beside slow writers')
        must((await slow).ended === 20, 'a slow writer is not turned away')
        await silent
        // Far more connections than there may be, all silent: others are served, and this one again when time is up.
        const many = flood('appstore', 'idle', path, 2000, 8000)
        await delay(3000)
        must(await isOtherServed(), 'the other policy is not served')
        const { connected, ended } = await many
        must(connected === 2000 && ended === 2000, `${connected} connections, ${ended} ended`)
        must(await isServed(), 'nobody is served afterwards')
      })
      if (failures.length > 0) throw new Error(failures.join(', '))
      const [busy] = await speak('appstore', [ask('store_root', execFrame(['true']))])
      return grown > 96 * megabyte || busy?.last.exitCode !== 0
    },
  },
  onDaemon: {
    stoppedBy:
      'a frame holds 65,536 bytes, JSON eight levels, a request five seconds, input what root gave credit for, a policy so many connections and requests as it says; each policy has a process of its own',
    remains: 'who may ask under a policy can use up what it allows, for everybody of the same policy',
  },
  notApplicable: { sudo: 'nothing of ours waits for input as root: sudo takes an argv, which the kernel limits' },
})
