import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { reconcile } from '../../packages/privexec/src/audit/reconcile.ts'
import { asciiJson } from '../../packages/privexec/src/audit/text.ts'
import { verifyAudit } from '../../packages/privexec/src/audit/verify.ts'
import { startAs } from '../host/service.ts'
import { attack } from './support/attack.ts'
import type { Request, Session } from './support/client.ts'
import { anyStarted, ask, execFrame, pushFrame, speak } from './support/frames.ts'
import { exec, library, push } from './support/library.ts'
import { eventually, processesWith } from './support/processes.ts'
import { askStore, daemonOf, rootPolicies } from './support/root-side.ts'
import {
  any,
  appears,
  as,
  inContainer,
  pct,
  policyText,
  read,
  root,
  setScene,
  skip,
  sudo,
  zfs,
} from './support/scene.ts'
import { trace } from './support/trace.ts'

setScene({ containers: true, zfs: true })

const sudoLog = '/var/log/privexec/sudo-appstore.json'
const pinoOf = () => createRequire(join(root, 'packages/privexec/package.json'))('pino')

const forged = '{"event":{"id":"0","type":["allowed"]},"forged":true}'
const evilTexts = [
  `x\n${forged}\n`,
  '\u001b[2J\u001b[1A',
  '\u202egnp.exe',
  '\u2028',
  '__proto__',
  '"}\n{"',
  '\u0000',
  'x'.repeat(1_000_000),
]

/** What a program does today: one line for people, and caller's keys at the top level of a JSON logger. */
function naiveLines(): string[] {
  const lines: string[] = []
  const write = (text: string) => lines.push(...text.split('\n').filter(line => line !== ''))
  for (const text of evilTexts) write(`2026-01-01 appstore ran ${text}\n`)
  pinoOf()({}, { write }).info({ level: 60, time: 0, msg: 'forged', user: 'root' }, 'ran')
  return lines
}

/** Whether lines hold one that the caller forged, a key twice, or what a terminal would obey. */
const isInjected = (line: string): boolean => {
  if (line === forged || /[^ -~]/.test(line) || line.length > 65_536) return true
  try {
    return asciiJson(JSON.parse(line)) !== line
  } catch {
    return true
  }
}

const injectedAudit = '/var/lib/appstore/injected-audit.jsonl'

attack({
  id: 'A32',
  title: 'values of a caller forge no record, and put nothing into a log that a terminal obeys',
  shown:
    'a newline in a value makes a line of its own in a plain log, and a key of the caller a second level and time in a JSON log',
  stoppedBy: 'one line of printable ASCII a record, with fixed keys and bounded texts; sudo’s own log is JSON as well',
  baseline: async () => {
    const lines = naiveLines()
    return lines.includes(forged) && lines.some(line => line.split('"level":').length > 2)
  },
  ours: {
    audit: async () => {
      rmSync(injectedAudit, { force: true })
      const requests = evilTexts.flatMap(text => [
        push(text, 'x', { perms: text }),
        exec(['true', text], { caller: { id: text, name: text } }),
        exec([text]),
        { command: 'pct.exec', input: { vmid: 20001, command: ['true'], [text]: 1 } },
      ])
      await library('appstore', requests, { audit: injectedAudit })
      const lines = read(injectedAudit).trimEnd().split('\n')
      const { ok, records } = await verifyAudit(injectedAudit)
      return !ok || records !== lines.length || lines.length < requests.length || lines.some(isInjected)
    },
    sudo: async () => {
      const examine = () => reconcile({ audit: [], sudoLogs: [sudoLog] })
      const before = await examine()
      const lie = '"},"accept":{"runargv":["/bin/forged"]}}\n{"accept":{"runuser":"root"}}'
      for (const text of [lie, `x\n${forged}`, '\u001b[2J']) await sudo('appstore', pct('exec', '20001', '--', text))
      const after = await examine()
      return after.actions !== before.actions || after.rejected !== before.rejected + 3 || after.malformed !== 0
    },
    daemon: async () => {
      const daemon = await daemonOf(rootPolicies.store())
      const { file } = daemon.policy.audit
      const texts = evilTexts.map(text => text.slice(0, 4096))
      const before = (await verifyAudit(file)).records
      const inputs = texts.flatMap(text => [
        execFrame(['true'], 20001, { caller: { id: text, name: text } }),
        execFrame([text]),
        pushFrame('/root/x', { perms: text }),
        { command: 'pct.exec', input: { vmid: 20001, command: ['true'], [text]: 1 } },
        { command: text, input: {} },
      ])
      if (!anyStarted(await askStore(inputs))) throw new Error('none ran')
      const lines = read(file).trimEnd().split('\n')
      const { ok, records } = await verifyAudit(file)
      return (
        !ok ||
        records !== lines.length ||
        records < before + texts.length * 3 ||
        lines.some(isInjected) ||
        /[^\n -~]/.test(daemon.said())
      )
    },
  },
  onDaemon: {
    stoppedBy:
      'the same records, written by root; the name of a person in a request is a field of its own that nobody believes',
  },
})

const [full, readOnly, filling] = ['/srv/audit-full', '/srv/audit-read-only', '/srv/audit-filling']
const filled = '/srv/audit-of-root'

/** A small file system that belongs to an account: an audit file in a directory of others is refused anyway. */
function makeFileSystem(at: string, size: string, owner = 'appstore'): void {
  mkdirSync(at, { recursive: true })
  const uid = spawnSync('id', ['-u', owner], { encoding: 'utf8' }).stdout.trim()
  spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=755,uid=${uid}`, 'audit', at])
}

const fill = (at: string) => spawnSync('sh', ['-c', 'cat /dev/zero >"$0/filler"', at], { stdio: 'ignore' })

if (skip === false) {
  // The namespace comes first, so that the file systems are not made read-only with everything else.
  await as('appstore', ['true'])
  makeFileSystem(full, '64k')
  fill(full)
  makeFileSystem(readOnly, '64k')
  spawnSync('mount', ['-o', 'remount,ro', readOnly])
  makeFileSystem(filling, '4m')
  makeFileSystem(filled, '4m', 'root')
}

/** Runs operations while the disk fills up; the last block of the audit file may take a few more intents. */
async function runWhileFilling(last: Request): Promise<void> {
  const more = Array.from({ length: 8 }, () => exec(['true']))
  const answers = library('appstore', [exec(['sleep', '1.4302']), ...more, last], { audit: `${filling}/audit.jsonl` })
  await eventually(() => processesWith('sleep 1.4302').includes('sleep 1.4302'))
  fill(filling)
  const [first, ...others] = await answers
  const refused = others.filter(({ code }) => code === 'PRIVEXEC_AUDIT_UNAVAILABLE')
  if (first?.exitCode !== 0 || refused.length === 0) throw new Error('the disk did not fill up in the middle')
}

/** What a program does today: logs with pino, then acts. */
const logsAndActs = `const [root, file, ...argv] = process.argv.slice(1); const { createRequire } = require('module')
const pino = createRequire(root + '/packages/privexec/package.json')('pino')
const out = pino.destination({ dest: file, sync: true }); out.on('error', () => {})
try { pino(out).info({ argv }, 'running') } catch {}
require('child_process').execFileSync('/usr/bin/sudo', ['-n', '--', ...argv])`

const touched = inContainer(20001, '/root/touched')
const touch = ['touch', '/root/touched']
const killedAudit = '/var/lib/appstore/killed-mid-audit.jsonl'

/** Collects what programs say to syslog. */
const syslog = `use Socket; unlink '/dev/log'; socket(my $s, AF_UNIX, SOCK_DGRAM, 0); bind($s, sockaddr_un('/dev/log')); chmod 0666, '/dev/log';
$| = 1; print "ready\\n"; while (defined recv($s, my $m, 65536, 0)) { print $m, "\\n" }`

attack({
  id: 'A33',
  title: 'nothing runs without a record of it that is on the disk',
  shown: 'on a full disk a logger drops its line, and the program goes on to act as root',
  stoppedBy:
    'the intent is on the disk before sudo is called, else the request is refused; an operation without an outcome stays visible',
  remains:
    'around the library, a caller that limits its file size and ignores SIGXFSZ keeps sudo 1.9.13 from writing its log file, and sudo runs the command all the same; sudo’s line to syslog arrives',
  baseline: () =>
    appears(touched, async () => {
      const file = `${full}/today.jsonl`
      await as('appstore', [process.execPath, '-e', logsAndActs, root, file, ...pct('exec', '20001', '--', ...touch)])
      if (read(file).includes('touch')) throw new Error('the disk is not full')
    }),
  honest: () => appears(touched, () => library('appstore', [exec(touch)])),
  ours: {
    library: () =>
      any([full, readOnly, '/nosuch'], directory =>
        appears(touched, async () => {
          const answers = await library('appstore', [exec(touch)], { audit: `${directory}/audit.jsonl` })
          if (answers.some(({ code }) => code !== 'PRIVEXEC_AUDIT_UNAVAILABLE'))
            throw new Error('not the right refusal')
        }),
      ),
    root: () => appears(touched, () => runWhileFilling(exec(touch))),
    audit: async () => {
      rmSync(killedAudit, { force: true })
      const session: Session = {
        policy: policyText('appstore'),
        requests: [exec(['sleep', '4301'])],
        audit: killedAudit,
      }
      const script = join(import.meta.dirname, 'support/client.ts')
      const client = await startAs('appstore', [process.execPath, script], {
        cwd: root,
        stdio: ['pipe', 'ignore', 'ignore'],
      })
      client.stdin?.end(JSON.stringify(session))
      await eventually(() => processesWith('sleep 4301').includes('sleep 4301'))
      client.kill('SIGKILL')
      await once(client, 'close')
      const { ok, unfinished } = await verifyAudit(killedAudit)
      await sudo('appstore', ['/usr/libexec/privexec/end-operation', `appstore-${unfinished[0]?.operation}`])
      return !ok || unfinished.length !== 1
    },
    daemon: async () => {
      const daemon = await daemonOf(
        rootPolicies.store({ policy: 'full_root', audit: { file: `${filled}/log/audit.jsonl` } }),
      )
      const say = () => speak('appstore', [ask('full_root', execFrame(touch))])
      if (!(await appears(touched, say))) throw new Error('it does not run as long as there is room')
      const made = await appears(touched, async () => {
        fill(filled)
        // The last block of the file may take a few more records.
        for (let turn = 0; turn < 40; turn++) {
          rmSync(touched, { force: true })
          const [answer] = await say()
          if (answer?.last.code === 'PRIVEXEC_AUDIT_UNAVAILABLE') return
        }
        throw new Error('the disk did not fill up')
      })
      rmSync(`${filled}/filler`)
      const runsAgain = await appears(touched, say)
      const { ok } = await verifyAudit(daemon.policy.audit.file)
      return made || !runsAgain || !ok
    },
  },
  stillPossible: async () => {
    const listener = spawn('perl', ['-e', syslog], { stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    listener.stdout.on('data', (chunk: Buffer) => {
      said += chunk
    })
    await eventually(() => said.startsWith('ready'))
    const [shop, log] = ['tank/pgd/databases/shop/main', '/var/log/privexec/sudo-pgd.json']
    const before = read(log)
    const unlogged = 'ulimit -f 0; trap "" XFSZ; exec "$@"'
    await as('alice', ['sh', '-c', unlogged, 'sh', '/usr/bin/sudo', '-n', '--', ...zfs('mount', shop)])
    const ran = readFileSync('/proc/1/mounts', 'utf8').includes(`/${shop} `)
    spawnSync('/usr/sbin/zfs', ['unmount', shop])
    const isInSyslog = await eventually(() => said.includes(`zfs mount ${shop}`) || said.includes(`"${shop}"`), 3000)
    trace({ said, ran, grew: read(log).length - before.length })
    listener.kill('SIGKILL')
    rmSync('/dev/log', { force: true })
    return ran && read(log) === before && isInSyslog
  },
  onDaemon: {
    stoppedBy:
      'the intent is on the disk, in a file and directory of root’s, before anything is started; when it cannot be, nothing is',
  },
})
