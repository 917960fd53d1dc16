import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rootsNode as requireRootsNode } from '../../packages/privexec/src/cli/install/programs.ts'
import { diagnose, thisMachine } from '../../packages/privexec/src/doctor/diagnose.ts'
import { asRoot, bundle, rootsNode } from '../cli/support/privexec.ts'
import { startAs } from '../host/service.ts'
import { installRootPolicy, startDaemon } from '../root/support/daemon.ts'
import { attack } from './support/attack.ts'
import { exec, library } from './support/library.ts'
import { rootPolicies, stopDaemons } from './support/root-side.ts'
import { any, appears, as, pct, policyText, readPolicy, setScene, skip, sudo } from './support/scene.ts'
import { trace } from './support/trace.ts'

setScene()

const dropIn = '/etc/sudoers.d/privexec_appstore'
const wideRule = 'appstore ALL=(root) NOPASSWD: ALL\n'
/** Where installers of today put what they are about to check: a directory that everybody may write. */
const shared = '/srv/staging'
const directory = '/etc/privexec/policies.d'
const files = { sudo: '/root/install/appstore.yaml', daemon: '/root/install/store_root.json' } as const

if (skip === false) {
  mkdirSync('/root/install', { recursive: true })
  writeFileSync(files.sudo, policyText('appstore'))
  writeFileSync(files.daemon, rootPolicies.store())
  mkdirSync(shared, { recursive: true })
  chmodSync(shared, 0o777)
  bundle()
}

/** Writes what it wants into every file that it may write in directories, and puts links in the way, until killed. */
const replacer = `my ($text, @directories) = @ARGV;
while (1) { for my $d (@directories) { opendir my $h, $d or next; for my $n (readdir $h) { my $p = "$d/$n";
  next if $n =~ /^\\.\\.?$/ || !-f $p || -O $p; unlink $p; open(my $f, '>', $p) or next; print $f $text; close $f } }
  select undef, undef, undef, 0.01 }`

/** Whether the account may do anything at all by sudo after an installation that it disturbed. */
async function widened(install: () => unknown): Promise<boolean> {
  const places = [shared, '/tmp', '/var/tmp', '/etc/sudoers.d', directory, '/var/lib/privexec', '/usr/libexec/privexec']
  const busy = await startAs('appstore', ['perl', '-e', replacer, wideRule, ...places], {
    stdio: 'ignore',
    readOnly: false,
  })
  try {
    await install()
  } finally {
    busy.kill('SIGKILL')
    await once(busy, 'close')
  }
  return (await sudo('appstore', ['/usr/bin/id', '-u'])).stdout === '0\n'
}

/** Installs as root, with the places for temporary files being the account's. */
function install(file: string): number {
  const { exitCode, stderr } = asRoot('policy', 'install', file, '--node', rootsNode())
  trace({ install: file, exitCode, stderr: stderr.slice(0, 600) })
  return exitCode ?? -1
}

const uninstall = (file: string) => asRoot('policy', 'uninstall', file)

/** Whether an installation goes through although others than root may write where it puts things. */
async function installsInto(place: string, file: string): Promise<boolean> {
  mkdirSync(place, { recursive: true })
  chmodSync(place, 0o777)
  const exit = install(file)
  chmodSync(place, 0o755)
  return exit === 0
}

attack({
  id: 'A43',
  title: 'nothing can be put in the place of what an installation has checked',
  shown: 'the account replaces a drop-in that waits in a directory for everybody, between visudo and the copy',
  stoppedBy:
    'drafts lie beside their place, in directories of root’s alone all the way up, under names of chance, and are renamed; no name has a dot',
  baseline: () =>
    widened(async () => {
      const draft = `${shared}/appstore.sudoers`
      writeFileSync(draft, 'appstore ALL=(root) NOPASSWD: /usr/sbin/pct list\n')
      spawnSync('sh', [
        '-c',
        `visudo -cf ${draft} && sleep 0.5 && install -m 440 ${draft} /etc/sudoers.d/baseline_race`,
      ])
    }).finally(() => rmSync('/etc/sudoers.d/baseline_race', { force: true })),
  policies: [],
  ours: {
    root: async () => {
      const isWide = await widened(() => {
        if (install(files.sudo) !== 0) throw new Error('it was not installed')
      })
      const text = readFileSync(dropIn, 'utf8')
      const open = await any(['/etc/sudoers.d', '/usr/libexec/privexec'], place => installsInto(place, files.sudo))
      uninstall(files.sudo)
      return isWide || text.includes(wideRule) || open
    },
    daemon: async () => {
      const isWide = await widened(() => {
        if (install(files.daemon) !== 0) throw new Error('it was not installed')
      })
      const { policy } = JSON.parse(readFileSync(`${directory}/store_root.json`, 'utf8'))
      const open = await any([directory, '/usr/libexec/privexec'], place => installsInto(place, files.daemon))
      uninstall(files.daemon)
      return isWide || policy !== 'store_root' || open
    },
  },
  onDaemon: {
    stoppedBy: 'the same installation; and what root reads later is judged again each time it is read (A46)',
  },
})

/** A neighbour that sudo cannot read. */
const broken = '/etc/sudoers.d/10_broken'

/** What a program does today: anything on standard error is a failure, and certain words are a refusal. */
const naiveVerdict = ({ stderr }: { readonly stderr: string }): string =>
  /sorry|not allowed|error/i.test(stderr) ? 'refused' : stderr === '' ? 'worked' : 'failed'

attack({
  id: 'A44',
  title: 'a broken file of somebody else in sudo’s directory changes no verdict about an operation',
  shown: 'a client that reads sudo’s standard error takes the complaint about a neighbour’s file for a refusal',
  stoppedBy: 'only sudo’s own words about this command, at exit status 1, are a refusal; doctor names the file',
  baseline: async () => {
    writeFileSync(broken, 'appstore ALL=(root NOPASSWD: /bin/true\n', { mode: 0o440 })
    const done = await sudo('appstore', pct('exec', '20001', '--', 'true'))
    rmSync(broken)
    return done.exitCode === 0 && naiveVerdict(done) === 'refused'
  },
  ours: {
    library: async () => {
      writeFileSync(broken, 'appstore ALL=(root NOPASSWD: /bin/true\n', { mode: 0o440 })
      const [worked, failed, refused] = await library('appstore', [
        exec(['true']),
        exec(['sh', '-c', 'echo "sudo: a password is required" >&2; exit 3']),
        exec(['true'], {}, 104),
      ])
      const machine = await diagnose({ policy: await readPolicy(policyText('appstore')), machine: thisMachine })
      rmSync(broken)
      trace({ worked, failed, refused })
      const isNamed = machine.some(({ message }) => message.includes(broken))
      const isRight = worked?.exitCode === 0 && failed?.exitCode === 3 && failed.code === 'PRIVEXEC_PROGRAM_FAILED'
      return !isRight || refused?.code !== 'PRIVEXEC_OUT_OF_BOUNDS' || !isNamed
    },
  },
  notApplicable: { daemon: 'no sudo stands between the caller and root’s side, whose answer is a frame and no text' },
})

/** A machine whose sudo has another version; Debian's revision is that of a package without patches. */
const machineWith = (version: string): typeof thisMachine => ({
  ...thisMachine,
  read: async path => (path.includes('changelog') ? { fault: 'ENOENT' } : thisMachine.read(path)),
  run: async (argv, input) => {
    const answer = await thisMachine.run(argv, input)
    const isVersion =
      argv.includes('-V') || argv.includes('--version') || argv.some(word => word.includes('dpkg-query'))
    return isVersion ? { ...answer, stdout: answer.stdout.replaceAll(/1\.9\.\d+p?\d*[-+\w.]*/g, version) } : answer
  },
})

const flawed = {
  'CVE-2021-3156': '1.9.5p1',
  'CVE-2023-22809': '1.9.12p1',
  'CVE-2025-32462': '1.9.13',
  'CVE-2025-32463': '1.9.15',
}

attack({
  id: 'A45',
  title: 'a sudo with a known way to root is not taken for a sound one',
  shown: 'a check of today asks whether sudo is there and reads the rules, and is content with 1.9.12p1',
  stoppedBy:
    'doctor knows the versions and the patched packages of five flaws, and reports each as an error; install wants 1.9.10',
  baseline: async () => {
    const fake = '/usr/local/sbin/old-sudo'
    writeFileSync(fake, '#!/bin/sh\necho "Sudo version 1.9.12p1"\n')
    chmodSync(fake, 0o755)
    return (
      spawnSync('sh', ['-c', `${fake} -V >/dev/null && visudo -c >/dev/null && echo fine`], { encoding: 'utf8' })
        .stdout === 'fine\n'
    )
  },
  ours: {
    root: async () => {
      const policy = await readPolicy(policyText('appstore'))
      return any(Object.entries(flawed), async ([id, version]) => {
        const said = (await diagnose({ policy, machine: machineWith(version) })).filter(({ level }) => level !== 'ok')
        trace({ id, said: said.filter(({ check }) => check === 'sudo') })
        return !said.some(({ message }) => message.includes(id))
      })
    },
  },
  notApplicable: { daemon: 'sudo is not on the way; its unit runs with `NoNewPrivileges=yes` for the caller' },
})

const updated = '/var/lib/appstore/update'
const byUpdate = '/etc/touched-by-update'

/** Whether the root-side broker serves a policy after something was done to its file or what is above it. */
async function serves(spoil: () => void): Promise<boolean> {
  await installRootPolicy(rootPolicies.store())
  spoil()
  const entry = join(import.meta.dirname, '../root/support/privexecd.ts')
  const argv = ['--conditions=@broker/source', entry, '--policy', 'store_root']
  // One that serves does not end by itself.
  const { status, stderr } = spawnSync(process.execPath, argv, { cwd: '/', env: {}, encoding: 'utf8', timeout: 15_000 })
  trace({ spoil: String(spoil).slice(0, 80), status, stderr })
  rmSync(`${directory}/store_root.json`, { force: true })
  for (const place of [directory, '/etc/privexec']) {
    chmodSync(place, 0o755)
    chownSync(place, 0, 0)
  }
  return status === null || !stderr.includes('PRIVEXEC_POLICY_UNREADABLE')
}

attack({
  id: 'A46',
  title: 'root runs and reads only what nobody else could have replaced',
  shown: 'an update that the service puts into its own directory is installed and run by root',
  stoppedBy:
    'programs of root come from the package, in directories of root’s; doctor reports one that others may write',
  baseline: () =>
    appears(byUpdate, async () => {
      await as('appstore', [
        'sh',
        '-c',
        `mkdir -p ${updated}; printf '#!/bin/sh\\n: >${byUpdate}\\n' >${updated}/helper`,
      ])
      spawnSync('sh', [
        '-c',
        `install -m 755 ${updated}/helper /usr/local/sbin/naive-helper && /usr/local/sbin/naive-helper`,
      ])
    }),
  ours: {
    root: async () => {
      const policy = await readPolicy(policyText('appstore'))
      if (install(files.sudo) !== 0) throw new Error('it was not installed')
      const program = '/usr/libexec/privexec/end-operation'
      const isReported = async () => {
        const found = await diagnose({ policy, machine: thisMachine })
        return found.some(({ level, message }) => level === 'error' && /libexec\/privexec/.test(message))
      }
      if (await isReported()) throw new Error('doctor complains about a good one')
      const spoils = [
        () => chmodSync(program, 0o777),
        () => chownSync(program, 65534, 0),
        () => chmodSync('/usr/libexec/privexec', 0o777),
      ]
      return any(spoils, async spoil => {
        spoil()
        const reported = await isReported()
        chmodSync(program, 0o755)
        chownSync(program, 0, 0)
        chmodSync('/usr/libexec/privexec', 0o755)
        return !reported
      })
    },
    daemon: async () => {
      await stopDaemons()
      const json = `${directory}/store_root.json`
      const spoils: Record<string, () => void> = {
        owned: () => chownSync(json, 65534, 0),
        writable: () => chmodSync(json, 0o666),
        directory: () => chmodSync(directory, 0o777),
        foreign: () => chownSync(directory, 65534, 0),
        above: () => chmodSync('/etc/privexec', 0o777),
        link: () => {
          writeFileSync('/var/lib/appstore/policy.json', readFileSync(json))
          rmSync(json)
          symlinkSync('/var/lib/appstore/policy.json', json)
        },
      }
      const served = await any(Object.entries(spoils), ([, spoil]) => serves(spoil))
      // The Node that runs it, too, and the bundle that doctor knows by its digest.
      const node = '/var/lib/appstore/node'
      writeFileSync(node, '#!/bin/sh\n', { mode: 0o755 })
      const takesNode = await requireRootsNode(node).then(
        () => true,
        () => false,
      )
      // A bundle that is not the one of the package.
      if (install(files.daemon) !== 0) throw new Error('it was not installed')
      const bundled = '/usr/libexec/privexec/privexecd'
      writeFileSync(bundled, `${readFileSync(bundled, 'utf8')}\n// and something more\n`)
      const said = (await diagnose({ policy: await readPolicy(rootPolicies.store()), machine: thisMachine })).filter(
        ({ level }) => level === 'error',
      )
      trace({ said })
      uninstall(files.daemon)
      return served || takesNode || !said.some(({ message }) => message.includes(`${bundled} has the SHA-256`))
    },
  },
  onDaemon: {
    stoppedBy:
      'privexecd reads a policy only when it and all above it are root’s alone; install takes a Node of root’s only; doctor prints the digest of the bundle',
    honest: async () => {
      const daemon = await startDaemon(rootPolicies.store())
      return (await daemon.stop()) === 0
    },
  },
})
