import { type ChildProcess, execFile, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Ids of a guest, its own first: inside, outside, how many. */
export type Range = readonly [inside: number, outside: number, count: number]

/** How the accounts of guests are mapped to those of the machine. */
export interface IdMap {
  readonly uids: readonly Range[]
  readonly gids: readonly Range[]
  /** `root` and `newuidmap` give a guest all its accounts; with `single` it has root only, and chown to others fails. */
  readonly kind: 'root' | 'newuidmap' | 'single'
}

/** Where guests of root begin, as those of Proxmox do. */
const base = 100_000
const count = 65_536

/** The best mapping that the account of this process can have. */
export function idMap(): IdMap {
  const uid = process.getuid?.() ?? 0
  const gid = process.getgid?.() ?? 0
  if (uid === 0) return { uids: [[0, base, count]], gids: [[0, base, count]], kind: 'root' }
  const uids = rangeOf('/etc/subuid', uid)
  const gids = rangeOf('/etc/subgid', uid)
  if (uids === undefined || gids === undefined || !existsSync('/usr/bin/newuidmap'))
    return { uids: [[0, uid, 1]], gids: [[0, gid, 1]], kind: 'single' }
  return { uids: [[0, uid, 1], uids], gids: [[0, gid, 1], gids], kind: 'newuidmap' }
}

/** The account's range in a file such as /etc/subuid. */
function rangeOf(file: string, uid: number): Range | undefined {
  const names = [String(uid), nameOf()]
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const line = text
    .split('\n')
    .map(entry => entry.split(':'))
    .find(([name = '']) => names.includes(name))
  const [, first, size] = line ?? []
  return first === undefined || Number(size) < 1 ? undefined : [1, Number(first), Math.min(Number(size), count - 1)]
}

function nameOf(): string {
  try {
    return userInfo().username
  } catch {
    return ''
  }
}

/** Id on the machine of the guest's root. */
export const rootOf = (map: IdMap): { readonly uid: number; readonly gid: number } => ({
  uid: map.uids[0]?.[1] ?? 0,
  gid: map.gids[0]?.[1] ?? 0,
})

/**
 * Starts a program as root of a new user namespace with that mapping. The program's standard input begins after the one
 * line with which it is let go. Needs `unshare` and `setpriv`.
 */
export async function spawnMapped(map: IdMap, argv: readonly string[], options: SpawnOptions): Promise<ChildProcess> {
  const become = ['setpriv', '--reuid', '0', '--regid', '0', map.kind === 'single' ? '--keep-groups' : '--clear-groups']
  const wait = 'echo up; read -r go || exit 125; exec "$@"'
  const child = spawn(
    'unshare',
    ['--user', '--keep-caps', '--', 'sh', '-c', wait, 'sh', ...become, '--', ...argv],
    options,
  )
  try {
    await untilLine(child, 'up')
    await writeMaps(map, child.pid ?? 0)
    child.stdin?.write('go\n')
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
  return child
}

/** Waits for a line on standard output, and leaves what follows unread. */
export async function untilLine(child: ChildProcess, line: string): Promise<void> {
  const { stdout, stderr } = child
  if (stdout === null) throw new Error('no standard output')
  let seen = ''
  let complaint = ''
  stderr?.on('data', (chunk: Buffer) => {
    complaint = `${complaint}${chunk}`.slice(-2000)
  })
  const closed = once(child, 'close').then(([status]) => {
    throw new Error(`${complaint.trim() || 'it ended'} (exit status ${status})`)
  })
  closed.catch(() => undefined)
  await Promise.race([
    closed,
    new Promise<void>(resolve => {
      const read = (): void => {
        for (let byte = stdout.read(1); byte !== null; byte = stdout.read(1)) {
          seen += byte.toString()
          if (!seen.endsWith(`${line}\n`)) continue
          stdout.off('readable', read)
          resolve()
          return
        }
      }
      stdout.on('readable', read)
    }),
  ])
}

async function writeMaps(map: IdMap, pid: number): Promise<void> {
  const lines = (ranges: readonly Range[]): string => ranges.map(range => `${range.join(' ')}\n`).join('')
  if (map.kind === 'newuidmap') {
    await run('newuidmap', [String(pid), ...map.uids.flat().map(String)])
    await run('newgidmap', [String(pid), ...map.gids.flat().map(String)])
    return
  }
  if (map.kind === 'single') writeFileSync(`/proc/${pid}/setgroups`, 'deny')
  writeFileSync(`/proc/${pid}/uid_map`, lines(map.uids))
  writeFileSync(`/proc/${pid}/gid_map`, lines(map.gids))
}

/** Runs a program on files of guests, as who may do everything with them; throws with what it said when it fails. */
export async function runOnFiles(map: IdMap, argv: readonly string[], cwd?: string): Promise<string> {
  const [program = '', ...args] = argv
  const options: SpawnOptions = { stdio: ['pipe', 'pipe', 'pipe'], ...(cwd !== undefined && { cwd }) }
  const child = map.kind === 'root' ? spawn(program, args, options) : await spawnMapped(map, argv, options)
  child.stdin?.end()
  let output = ''
  let complaint = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
  })
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    complaint = `${complaint}${chunk}`.slice(-2000)
  })
  const [status] = await once(child, 'close')
  if (status !== 0) throw new Error(`${program}: ${complaint.trim() || `exit status ${status}`}`)
  return output
}
