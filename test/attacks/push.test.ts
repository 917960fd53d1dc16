import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { startAs } from '../host/service.ts'
import { attack } from './support/attack.ts'
import { anyAccepted, ask, execFrame, pushFrame, speak } from './support/frames.ts'
import { library, push, reachedSudo } from './support/library.ts'
import { eventually, processesWith } from './support/processes.ts'
import { askStore, daemonOf, libraryByRoot, rootPolicies } from './support/root-side.ts'
import {
  any,
  appears,
  as,
  canary,
  canaryFile,
  drop,
  inContainer,
  leaks,
  legalExec,
  legalPush,
  operation,
  ownDirectory,
  pct,
  place,
  policyText,
  read,
  setScene,
  skip,
  sudo,
} from './support/scene.ts'

setScene()
if (skip === false) {
  await as('appstore', ['mkdir', '-p', ownDirectory])
  if (readFileSync('/proc/sys/fs/protected_symlinks', 'utf8').trim() !== '1') {
    throw new Error('fs.protected_symlinks must be 1, as staging needs it: node test/attacks/run.ts sets it')
  }
}

/** Where the root-side broker keeps content while pct reads it. */
const rootDrop = '/var/lib/privexec/staging/store_root/drop'
const stolen = inContainer(20001, '/root/stolen')

/** Turns a name into a link to a file of root and back, as fast as it can, until killed. */
const flip = `my ($name, $target) = @ARGV; my $i = 0;
while (1) { unlink "$name.t"; if ($i++ % 2) { symlink $target, "$name.t" } else { open my $f, '>', "$name.t"; print $f 'mine' }
rename "$name.t", $name }`

/** Pushes from a name while its owner swaps what it means; whether root ever read what only root may. */
async function swapped(name: string, pushes: number, attempt: () => Promise<unknown>): Promise<boolean> {
  const flipper = await startAs('appstore', ['perl', '-e', flip, name, canaryFile], { stdio: 'ignore' })
  try {
    const turns = Array.from({ length: pushes })
    return await any(turns, () => leaks(stolen, attempt))
  } finally {
    flipper.kill('SIGKILL')
    await once(flipper, 'close')
    for (const path of [name, `${name}.t`]) rmSync(path, { force: true })
  }
}

attack({
  id: 'A17',
  title: 'a link swapped in while root reads brings no file of root into the container',
  shown: 'the service swaps its own staged file for a link to a file of root while it is pushed',
  stoppedBy:
    'the directory is sticky and belongs to root, so with fs.protected_symlinks=1 the kernel follows no link of the service there',
  baseline: () => {
    const name = `${ownDirectory}/staged`
    return swapped(name, 40, () => sudo('appstore', pct('push', '20001', name, '/root/stolen')))
  },
  honest: async () => {
    await library('appstore', [push('/root/honest', 'bytes')])
    return read(inContainer(20001, '/root/honest')) === 'bytes'
  },
  ours: {
    library: async () => {
      const before = readdirSync(drop)
      // Whoever can guess the name of an operation could plant a link; the library creates the file or fails.
      const leaked = await leaks(stolen, () =>
        library('appstore', [push('/root/stolen', 'mine'), push('/root/stolen', 'mine')]),
      )
      return leaked || readdirSync(drop).length !== before.length
    },
    sudo: () => {
      const name = `${drop}/${operation()}`
      return swapped(name, 12, () => sudo('appstore', legalPush(name, '/root/stolen')))
    },
    daemon: async () => {
      // Nothing can be swapped where the account can neither look nor write; the flipper has no name to flip.
      await daemonOf(rootPolicies.store())
      const name = `${rootDrop}/${operation()}`
      return swapped(name, 6, () =>
        askStore([pushFrame('/root/stolen'), pushFrame('/root/stolen', { content: name })], 'mine'),
      )
    },
  },
  onDaemon: {
    stoppedBy: 'content arrives as bytes and is written to a directory that only root may enter; pct reads it there',
    honest: async () => {
      await libraryByRoot('appstore', [push('/root/honest', 'bytes by root')])
      return read(inContainer(20001, '/root/honest')) === 'bytes by root' && readdirSync(rootDrop).length === 0
    },
  },
})

/** Sources that are no regular file of the caller's, with root of the host behind them. */
const sources = [canaryFile, '/etc/shadow', '/proc/1/environ', '/dev/stdin', '/proc/self/fd/0', '/etc', '/dev/zero']

/** What the service can plant in the staging directory itself, by kind; the name is what the rule wants. */
const plants: Record<string, readonly string[]> = {
  link: ['ln', '-s', canaryFile],
  chain: ['sh', '-c', `ln -s ${canaryFile} ${drop}/chain; ln -s chain "$0"`],
  descriptor: ['ln', '-s', '/proc/self/fd/0'],
  environ: ['ln', '-s', '/proc/1/environ'],
  hardLink: ['ln', canaryFile],
  directory: ['mkdir'],
  device: ['sh', '-c', 'mknod "$0" c 1 5'],
}

attack({
  id: 'A18',
  title: 'no file of the host is read through `pct push`',
  shown: 'the source is a file that only root may read, or a link to one',
  stoppedBy:
    'the library takes bytes and no path; the rule takes one name in the staging directory; the kernel follows no link and allows no hard link there',
  remains:
    'a FIFO planted by the service makes root wait for its writer, until the time limit and in its own containers only',
  baseline: async () => {
    const direct = await leaks(stolen, () => sudo('appstore', pct('push', '20001', canaryFile, '/root/stolen')))
    const link = `${ownDirectory}/link`
    await as('appstore', ['ln', '-sf', canaryFile, link])
    return direct && (await leaks(stolen, () => sudo('appstore', pct('push', '20001', link, '/root/stolen'))))
  },
  ours: {
    library: async () => {
      const requests = sources.map(content => ({
        command: 'pct.push',
        input: { vmid: 20001, content, destination: '/root/stolen' },
      }))
      return reachedSudo(await library('appstore', requests))
    },
    sudo: () => any(sources, source => leaks(stolen, () => sudo('appstore', legalPush(source, '/root/stolen')))),
    staging: () =>
      any(Object.values(plants), async plant => {
        const name = `${drop}/${operation()}`
        await as('appstore', [...plant, name])
        rmSync(stolen, { force: true })
        await sudo('appstore', legalPush(name, '/root/stolen'))
        const got = read(stolen)
        for (const path of [name, `${drop}/chain`]) rmSync(path, { force: true, recursive: true })
        return got !== ''
      }),
    daemon: async () => {
      const fields = sources.flatMap(source => [
        pushFrame('/root/stolen', { content: source }),
        pushFrame('/root/stolen', { file: source }),
        { ...pushFrame('/root/stolen'), file: source },
      ])
      const asked = await leaks(stolen, async () => {
        if (anyAccepted(await askStore(fields, 'mine'))) throw new Error('a path was taken')
      })
      const planted = await any(Object.values(plants), async plant => {
        const name = `${rootDrop}/${operation()}`
        await as('appstore', [...plant, name])
        await as('appstore', ['mkfifo', name])
        const isThere = existsSync(name)
        for (const path of [name, `${drop}/chain`]) rmSync(path, { force: true, recursive: true })
        return isThere
      })
      return asked || planted || readdirSync(rootDrop).length > 0
    },
  },
  stillPossible: async () => {
    const name = `${drop}/${operation()}`
    await as('appstore', ['mkfifo', name])
    const background = 'exec /usr/bin/sudo -n -- "$@" </dev/null >/dev/null 2>&1 &'
    await as('appstore', ['sh', '-c', background, 'sh', ...legalPush(name, '/root/fifo')])
    const isWaiting = await eventually(() => processesWith(name).some(line => line.includes('/usr/sbin/pct push')))
    // Root goes on with what the service writes, and gets nothing of root's.
    await as('appstore', ['sh', '-c', 'echo mine >"$0"', name])
    const went = await eventually(() => read(inContainer(20001, '/root/fifo')) === 'mine\n')
    rmSync(name)
    return isWaiting && went
  },
  onDaemon: {
    stoppedBy: 'a request names no source; nothing can be planted, a FIFO neither, where only root may enter',
  },
})

/** The policy of the app store, which may push below /opt only. */
const narrowed = policyText('appstore').replace(/(pct\.push\n {4}where:\n)/, '$1      below: [/opt]\n')

const narrowedByRoot = rootPolicies.store({
  grants: [
    {
      command: 'pct.push',
      where: { vmid: '20000-20999', below: ['/opt'] },
      guard: { pool: 'appstore' },
      timeout: '30s',
    },
  ],
})

attack({
  id: 'A19',
  title: 'a push overwrites nothing outside the container, and nothing outside the directories of its policy',
  shown: 'a destination with dot-dot overwrites the password file of the container',
  stoppedBy:
    'no dot-dot in a destination; `below` of the policy narrows the rule; pct resolves the path inside the container',
  remains: 'links inside the container are followed inside it: who may push into a container owns its files',
  policies: [narrowed],
  baseline: async () => {
    const users = inContainer(20001, '/etc/passwd')
    const before = readFileSync(users)
    place(20001, '/opt/keep', '')
    writeFileSync(`${ownDirectory}/file`, canary)
    await sudo('appstore', pct('push', '20001', `${ownDirectory}/file`, '/opt/../etc/passwd'))
    const overwritten = read(users) === canary
    writeFileSync(users, before)
    return overwritten
  },
  ours: {
    library: async () => {
      const paths = [
        '/opt/../etc/passwd',
        '/etc/passwd',
        '/opt',
        'opt/x',
        '/opt/./x',
        '/opt//x',
        '/optional/x',
        '/dev/full',
        '',
        '/opt/..',
      ]
      const answers = await library(
        'appstore',
        paths.map(path => push(path, 'x')),
        { policy: narrowed },
      )
      return reachedSudo(answers)
    },
    sudo: async () => {
      const name = `${drop}/${operation()}`
      await as('appstore', ['sh', '-c', 'echo "$1" >"$0"', name, canary])
      const users = inContainer(20001, '/etc/passwd')
      const targets = ['/opt/../etc/passwd', '/etc/passwd', '/opt/x/../../etc/passwd']
      const overwritten = await any(targets, async target => {
        await sudo('appstore', legalPush(name, target))
        return read(users).includes(canary)
      })
      // A link to a file of the host is a link to a file of the container, for who enters it.
      rmSync(inContainer(20001, '/opt/outside'), { force: true })
      symlinkSync('/etc/attack-target', inContainer(20001, '/opt/outside'))
      const outside = await appears('/etc/attack-target', () => sudo('appstore', legalPush(name, '/opt/outside')))
      rmSync(name, { force: true })
      return overwritten || outside
    },
    daemon: async () => {
      const policy = narrowedByRoot
      await daemonOf(policy)
      const say = (requests: readonly object[]) =>
        speak(
          'appstore',
          requests.map(request => ask('store_root', request, canary)),
        )
      const users = inContainer(20001, '/etc/passwd')
      const paths = [
        '/opt/../etc/passwd',
        '/etc/passwd',
        '/opt/x/../../etc/passwd',
        '/optional/x',
        '/opt',
        '/opt//x',
        '/opt/./x',
        '',
        ['/opt/x'],
      ]
      const overwritten = anyAccepted(await say(paths.map(path => pushFrame(path)))) || read(users).includes(canary)
      rmSync(inContainer(20001, '/opt/outside'), { force: true })
      symlinkSync('/etc/attack-target', inContainer(20001, '/opt/outside'))
      return (await appears('/etc/attack-target', () => say([pushFrame('/opt/outside')]))) || overwritten
    },
  },
  onDaemon: {
    stoppedBy: 'the same bounds of the policy, checked by root',
    remains: 'as with sudo: links inside the container are followed inside it',
    honest: async () => {
      await libraryByRoot('appstore', [push('/opt/honest', 'narrowed')], { policy: narrowedByRoot })
      return read(inContainer(20001, '/opt/honest')) === 'narrowed'
    },
  },
})

/** Calls sudo with a descriptor as standard input that names a file but could not be opened for reading. */
async function withPathAsInput(argv: readonly string[]): Promise<string> {
  const script = `import { openSync } from 'node:fs'; import { spawnSync } from 'node:child_process'
    const [file, ...argv] = process.argv.slice(1)
    const done = spawnSync('/usr/bin/sudo', ['-n', '--', ...argv], { stdio: [openSync(file, 0o10000000), 'pipe', 'pipe'], timeout: 20000 })
    process.stdout.write(done.stdout); process.stderr.write(done.stderr)`
  const { stdout } = await as('appstore', [process.execPath, '--input-type=module', '-e', script, canaryFile, ...argv])
  return stdout
}

/** Puts a descriptor that names a file of root, opened with O_PATH, at 9 of the client. */
const pathAsInput = [
  'perl',
  '-e',
  'use POSIX; sysopen my $f, shift, 010000000 or die $!; POSIX::dup2(fileno $f, 9); exec @ARGV',
  canaryFile,
]

attack({
  id: 'A52',
  title: 'a descriptor opened with O_PATH and handed over as standard input is not read by root',
  shown: 'with /dev/stdin as the source, root opens anew what the descriptor names',
  stoppedBy:
    'no rule has /dev/stdin as the source, the kernel refuses a link to it in the staging directory, and in a container its root is nobody',
  remains: 'in a privileged container inside the range (A21) the descriptor would be opened as root of the host',
  rules: `appstore ALL=(root) NOPASSWD: /usr/bin/nsenter ^--mount=/proc/1/ns/mnt -- /usr/sbin/pct push 20001 /dev/stdin /[a-z/]+$\n`,
  baseline: () => leaks(stolen, () => withPathAsInput(pct('push', '20001', '/dev/stdin', '/root/stolen'))),
  ours: {
    sudo: () => leaks(stolen, () => withPathAsInput(legalPush('/dev/stdin', '/root/stolen'))),
    staging: () =>
      any(['/dev/stdin', '/proc/self/fd/0', '/proc/thread-self/fd/0'], target =>
        leaks(stolen, async () => {
          const name = `${drop}/${operation()}`
          await as('appstore', ['ln', '-s', target, name])
          await withPathAsInput(legalPush(name, '/root/stolen'))
          rmSync(name, { force: true })
        }),
      ),
    root: async () => {
      const tries = ['cat', 'cat /proc/self/fd/0', 'cat /dev/stdin', 'cat /proc/$PPID/fd/0', 'cat < /proc/self/fd/0']
      return any(tries, async line => (await withPathAsInput(legalExec(20001, ['sh', '-c', line]))).includes(canary))
    },
    daemon: async () => {
      await daemonOf(rootPolicies.store())
      // The account's own standard input is a descriptor of its client; root has the bytes that came in frames.
      const tries = ['cat', 'cat /proc/self/fd/0', 'cat /dev/stdin', 'cat /proc/$PPID/fd/0']
      return any(tries, async line => {
        const [heard] = await speak(
          'appstore',
          [ask('store_root', execFrame(['sh', '-c', line], 20001, { stdin: true }), 'mine')],
          {
            before: pathAsInput,
          },
        )
        return heard?.stdout.includes(canary) === true
      })
    },
  },
  onDaemon: {
    stoppedBy:
      'no descriptor of the caller reaches root: a program’s standard input is a pipe of root’s, filled from frames',
  },
})
