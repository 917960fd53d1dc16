import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { newDirectory } from './support/warden.ts'

const program = fileURLToPath(new URL('../../libexec/terminal', import.meta.url))
const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }
const options = { skip: !existsSync('/dev/ptmx') && 'there is no /dev/ptmx' }

interface End {
  readonly status: number | null
  readonly signal: string | null
  readonly bytes: Buffer
  readonly stdout: string
  readonly stderr: string
}

class Terminal {
  readonly child: ChildProcess
  readonly stdin: Writable
  readonly stdout: Readable
  readonly control: Writable
  readonly #shown: Buffer[] = []
  readonly #said: Buffer[] = []

  constructor(args: readonly string[]) {
    this.child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe', 'pipe'], detached: true })
    this.stdin = this.child.stdin as Writable
    this.stdout = this.child.stdout as Readable
    this.control = this.child.stdio[3] as Writable
    // A program that ends does not read what is left.
    for (const stream of [this.stdin, this.control]) stream.on('error', () => {})
    this.child.stderr?.on('data', chunk => this.#said.push(chunk))
  }

  /** Reads what is shown from now on. */
  read(): this {
    this.stdout.on('data', chunk => this.#shown.push(chunk))
    return this
  }

  get shown(): string {
    return Buffer.concat(this.#shown).toString('latin1')
  }

  async shows(text: string): Promise<void> {
    while (!this.shown.includes(text)) {
      if (this.stdout.readableEnded) throw new Error(`ended without ${text}; it showed ${JSON.stringify(this.shown)}`)
      await Promise.race([once(this.stdout, 'data'), once(this.stdout, 'end')])
    }
  }

  async end(): Promise<End> {
    const [status, signal] = await once(this.child, 'close')
    const bytes = Buffer.concat(this.#shown)
    return { status, signal, bytes, stdout: this.shown, stderr: Buffer.concat(this.#said).toString() }
  }
}

const start = (script: string): Terminal => new Terminal(['93', '31', '--', '/bin/bash', '-c', script]).read()

/** Runs a script on a terminal; the input is typed at once, and is over. */
async function run(script: string, input: string | Buffer = ''): Promise<End> {
  const terminal = start(script)
  terminal.stdin.end(input)
  return terminal.end()
}

t.test('a program has a terminal of the size that was asked for', options, async s => {
  s.match(await run('stty size; stty size </dev/tty; tty'), {
    status: 0,
    signal: null,
    stdout: /^31 93\r\n31 93\r\n\/dev\/pts\/\d+\r\n$/,
    stderr: '',
  })
})

t.test(
  'a new size arrives with the signal for it, also in parts, and what is no size is passed over',
  options,
  async s => {
    // sigsuspend(2) misses no signal; a shell's trap, or a handler before a read, may. 28 is SIGWINCH.
    const script = [
      'use POSIX; $SIG{WINCH} = sub {}; $| = 1; sigprocmask(SIG_BLOCK, POSIX::SigSet->new(28)); print "ready\\n";',
      'for (1 .. 2) { sigsuspend(POSIX::SigSet->new); print qx(stty size) } print "<", <STDIN> =~ s/\\n//r, ">"',
    ].join(' ')
    const terminal = new Terminal(['93', '31', '--', '/usr/bin/perl', '-e', script]).read()
    await terminal.shows('ready')
    terminal.control.write('100 4')
    await delay(50)
    terminal.control.write('0\n')
    await terminal.shows('40 100\r\n')
    terminal.control.end('120 50\n')
    await terminal.shows('50 120\r\n')
    terminal.stdin.write('still here\n')
    await terminal.shows('<still here>')
    terminal.stdin.end()
    s.match(await terminal.end(), { status: 0 })
  },
)

t.test('the end of the input is one for a program that reads lines, also in the middle of a line', options, async s => {
  s.match(await run('stty -echo; echo; cat', 'a\nb\n'), { status: 0, stdout: /a\r\nb\r\n$/ })
  s.match(await run('stty -echo; echo; cat; echo .', 'a\nb'), { status: 0, stdout: /a\r\nb\.\r\n$/ })
  s.match(await run('cat; echo done'), { status: 0, stdout: 'done\r\n' })
})

t.test('a shell that edits its lines ends with the input', options, async s => {
  const terminal = new Terminal(['80', '24', '--', '/bin/bash', '--norc', '-i']).read()
  // A prompt, which is shown when the shell edits again: what is typed before is no end of its input.
  terminal.stdin.write('PS1=$((40 + 2))?\r')
  await terminal.shows('42?')
  terminal.stdin.end()
  s.match(await terminal.end(), { status: 0 })
})

t.test('the end of the input reaches a shell also when it comes while a command runs', options, async s => {
  const terminal = new Terminal(['80', '24', '--', '/bin/bash', '--norc', '-i']).read()
  await terminal.shows('bash-')
  terminal.stdin.write('echo begins; sleep 1\r')
  await terminal.shows('begins\r\n')
  terminal.stdin.end()
  s.match(await terminal.end(), { status: 0 })
})

t.test('a megabyte of any bytes arrives as it is, both ways, when the program asks for that', options, async s => {
  const input = randomBytes(1 << 20)
  const terminal = start('stty raw -echo; echo ready; exec head -c 1048576')
  await terminal.shows('ready\n')
  terminal.stdin.end(input)
  const { status, bytes } = await terminal.end()
  s.equal(status, 0)
  s.equal(bytes.subarray(-input.length).compare(input), 0)
  s.equal(bytes.length, input.length + 'ready\n'.length)
})

t.test('a reader that takes its time gets all that was shown, also after the end of the program', options, async s => {
  const file = join(newDirectory(), 'bytes')
  const content = randomBytes(1 << 20)
  writeFileSync(file, content)
  const terminal = new Terminal(['80', '24', '--', '/bin/bash', '-c', `stty raw; exec cat ${file}`])
  const chunks: Buffer[] = []
  for await (const chunk of terminal.stdout) {
    chunks.push(chunk)
    if (chunks.length % 4 === 1) await delay(30)
  }
  s.equal(Buffer.concat(chunks).compare(content), 0)
})

t.test('a program that reads nothing of a megabyte that is typed can show what it has', options, async s => {
  const { status, bytes } = await run('stty raw -echo; sleep 0.2; head -c 300000 /dev/zero', Buffer.alloc(1 << 20, 'x'))
  s.equal(status, 0)
  s.ok(bytes.length >= 300_000)
})

t.test('it ends as the program does', options, async s => {
  s.match(await run('exit 7'), { status: 7, signal: null })
  s.match(await run('kill -TERM $$'), { status: null, signal: 'SIGTERM' })
  s.match(await run('kill -KILL $$'), { status: null, signal: 'SIGKILL' })
  s.match(await run('kill -PIPE $$'), { status: null, signal: 'SIGPIPE' })
})

t.test('the program has its three streams, no other descriptor, and the usual signals', options, async s => {
  const { stdout } = await run('ls /proc/self/fd | tr "\\n" " "; grep -E "^Sig(Ign|Blk)" /proc/self/status')
  s.equal(stdout, '0 1 2 3 SigBlk:\t0000000000000000\r\nSigIgn:\t0000000000000000\r\n')
  // The test runner's own variables have lines in them.
  const terminal = new Terminal(['80', '24', '--', '/usr/bin/env', '-0']).read()
  const names = (await terminal.end()).stdout.split('\0').map(entry => entry.replace(/=.*/s, ''))
  s.strictSame(names.filter(name => !/TAPJS|NODE_OPTIONS/.test(name)).sort(), ['', 'LC_ALL', 'PATH'])
})

t.test('arguments arrive as they are', options, async s => {
  const args = ['', ' ', '$HOME', '; id', '-e', "it's", 'ä', '*', '|', '\u0001']
  const terminal = new Terminal(['80', '24', '--', '/usr/bin/printf', '<%s>', ...args]).read()
  const { bytes } = await terminal.end()
  s.equal(bytes.toString(), args.map(arg => `<${arg}>`).join(''))
})

t.test('the terminal of whoever starts it cannot be typed into', options, async s => {
  // TIOCSTI types a character into the terminal of the process; some kernels let nobody do it.
  const typing = `/usr/bin/perl -e 'ioctl STDIN, 0x5412, my $c = $_ for split //, "evil\\n"; sleep 1'`
  const script = (command: string): string => `stty -echo; tty; ${command}; read -rt 0.5 line; echo "typed:$line"`
  const inner = `${program} 80 24 -- /bin/sh -c "tty; ps -o sid= -p \\$\\$; ps -o sid= -p $$; ${typing.replaceAll('$', '\\$').replaceAll('"', '\\"')}"`
  const apart = start(script(inner))
  const { stdout } = await apart.end()
  const [outerName, innerName, innerSession, outerSession] = stdout.split(/\r+\n/)
  s.match(innerName, /^\/dev\/pts\/\d+$/)
  s.not(innerName, outerName)
  s.not(innerSession, outerSession)
  s.match(stdout, /typed:\r\n$/)
  const together = await start(script(typing)).end()
  s.match(together.stdout, /typed:(evil)?\r\n$/)
  if (!together.stdout.includes('evil')) s.comment('this kernel lets nobody type for others')
})

t.test('a process that was left behind with the terminal does not keep it from ending', options, async s => {
  const { status, stdout } = await run('trap "" HUP; sleep 60 & echo "$!"')
  process.kill(Number(stdout), 'SIGKILL')
  s.equal(status, 0)
})

t.test('a program that closes its terminal and works on is waited for', options, async s => {
  s.match(await run('exec <&- >&- 2>&-; sleep 0.5; echo again >/dev/tty; exit 3'), { status: 3, stdout: 'again\r\n' })
})

t.test('when nobody looks any more, the program is hung up', options, async s => {
  const terminal = new Terminal(['80', '24', '--', '/usr/bin/yes'])
  await once(terminal.stdout, 'readable')
  terminal.stdout.destroy()
  s.match(await once(terminal.child, 'exit'), [null, 'SIGHUP'])
})

t.test('a program that cannot be started is told from wrong arguments', options, async s => {
  const end = (...args: string[]): Promise<End> => new Terminal(args).read().end()
  s.match(await end('80', '24', '--', '/nowhere/x'), { status: 127, stdout: /^\/nowhere\/x: No such file/ })
  s.match(await end('80', '24', '--', '/etc/passwd'), { status: 126, stdout: /Permission denied/ })
  const wrong = [
    [],
    ['80', '24'],
    ['80', '24', '--'],
    ['80', '24', '/bin/true'],
    ['80', '24', '--', 'true'],
    ['0', '24', '--', '/bin/true'],
    ['80', '70000', '--', '/bin/true'],
    ['80 ', '24', '--', '/bin/true'],
    ['80\n', '24', '--', '/bin/true'],
    ['-1', '24', '--', '/bin/true'],
  ]
  for (const args of wrong) s.match(await end(...args), { status: 64, stdout: '', stderr: '' }, args.join(' '))
})
