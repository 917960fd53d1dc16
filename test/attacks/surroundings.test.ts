import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attack } from './support/attack.ts'
import { sendDescriptor } from './support/descriptors.ts'
import { execFrame, mustRefuse } from './support/frames.ts'
import type { ClientOptions } from './support/library.ts'
import { exec, library } from './support/library.ts'
import { installProbe, probeArgv, probePolicy, probeStar, type Surroundings, surroundings } from './support/probe.ts'
import { processesWith } from './support/processes.ts'
import { askStore, installScript, libraryByRoot, rootPolicies } from './support/root-side.ts'
import { appears, as, legalExec, pct, policyText, ran, setScene, skip, sudo } from './support/scene.ts'

setScene()
const evil = '/var/lib/appstore/evil'
const byRoot = '/etc/touched-by-root'

if (skip === false) {
  installProbe()
  await as('appstore', ['mkdir', '-p', evil])
  writeFileSync(join(evil, 'evil.pm'), `package evil; open my $f, '>', '${byRoot}'; 1;\n`)
}

const probe = { command: 'test.probe', input: { name: 'tank/x' } }
const policies = [policyText('appstore'), probePolicy]

/** What the probe finds when the library starts it. */
async function throughLibrary(options: ClientOptions = {}): Promise<Surroundings> {
  const [answer] = await library('appstore', [probe], { ...options, policy: probePolicy })
  return surroundings(answer?.stdout)
}

/** What the probe finds when the root-side broker starts it. */
async function byDaemon(options: ClientOptions = {}): Promise<Surroundings> {
  installScript(`exec ${probeArgv.join(' ')}`)
  const request = { command: 'test.script', input: { name: 'tank/x' } }
  const [answer] = await libraryByRoot('appstore', [request], { ...options, policy: rootPolicies.probe() })
  return surroundings(answer?.stdout)
}

const hostile: Record<string, string> = {
  PERL5OPT: '-Mevil',
  PERL5LIB: evil,
  LD_PRELOAD: `${evil}/x.so`,
  LD_LIBRARY_PATH: evil,
  NODE_OPTIONS: '--no-warnings',
  PYTHONPATH: evil,
  BASH_ENV: `${evil}/rc`,
  ENV: `${evil}/rc`,
  'BASH_FUNC_true%%': '() { :; }',
  TZ: `:${evil}/tz`,
  LC_EVIL: evil,
  LANG: 'C.UTF-8',
  LANGUAGE: evil,
  DISPLAY: evil,
  XAUTHORITY: evil,
  ZFS_MOUNT_HELPER: evil,
  PAGER: evil,
  DOCKER_HOST: evil,
  PGOPTIONS: evil,
  SUDO_EDITOR: evil,
  IFS: 'x',
}
/** What sudo makes itself; the terminal type is the caller's, checked by sudo. */
const declared = /^(SUDO_[A-Z]+|HOME|LOGNAME|USER|MAIL|PATH|SHELL|TERM|PRIVEXEC_OPERATION)$/
const strangers = ({ env }: Surroundings): boolean => Object.keys(env).some(name => !declared.test(name))

attack({
  id: 'A12',
  title: 'root sees nothing of the environment of its caller but the operation',
  shown: 'where the machine keeps PERL5OPT, the service has Perl run its own code as root',
  stoppedBy:
    'env_reset with a list of one for these commands, whatever the machine keeps for others; `--keep-env 0`; no SETENV',
  remains: 'TERM is passed on by sudo, which checks it',
  site: `Defaults env_keep += "${Object.keys(hostile)
    .filter(name => /^[A-Z0-9_]+$/.test(name))
    .join(' ')}"\n`,
  policies,
  baseline: () => appears(byRoot, () => sudo('appstore', pct('exec', '20001', '--', 'true'), { env: hostile })),
  ours: {
    library: async () => {
      let seen = false
      const ranEvil = await appears(byRoot, async () => {
        const [answer] = await library('appstore', [exec(['env'])], { env: hostile })
        const names = (answer?.stdout ?? '')
          .trim()
          .split('\n')
          .map(line => line.split('=')[0])
        seen =
          names.sort().join() !== 'PATH,PRIVEXEC_OPERATION,container' ||
          strangers(await throughLibrary({ env: hostile }))
      })
      return ranEvil || seen
    },
    sudo: async () => {
      let seen = false
      const ranEvil = await appears(byRoot, async () => {
        await sudo('appstore', legalExec(20001, ['true']), { env: hostile })
        seen = strangers(surroundings((await sudo('appstore', probeArgv, { env: hostile })).stdout))
        for (const option of [['-E'], ['PERL5OPT=-Mevil', `PERL5LIB=${evil}`], ['--preserve-env=PERL5OPT,PERL5LIB']]) {
          await as('appstore', ['/usr/bin/sudo', '-n', ...option, ...legalExec(20001, ['true'])], { env: hostile })
        }
      })
      return ranEvil || seen
    },
    daemon: async () => {
      let seen = false
      const ranEvil = await appears(byRoot, async () => {
        const [answer] = await libraryByRoot('appstore', [exec(['env'])], { env: hostile })
        const names = (answer?.stdout ?? '')
          .trim()
          .split('\n')
          .map(line => line.split('=')[0])
        const asked = { ...execFrame(['true']), env: hostile }
        mustRefuse(await askStore([asked, { ...asked, environment: hostile }]), 'PRIVEXEC_PROTOCOL_INVALID')
        const { env } = await byDaemon({ env: hostile })
        const own = Object.keys(env).sort().join()
        seen =
          names.sort().join() !== 'PATH,PRIVEXEC_OPERATION,container' || own !== 'LC_ALL,PATH,PRIVEXEC_OPERATION,PWD'
      })
      return ranEvil || seen
    },
  },
  onDaemon: {
    stoppedBy: 'root’s program has an environment of three variables, made by root; a request has no field for one',
  },
})

/** A root directory of the service's own, in which the program of the rule is the service's. */
async function ownRoot(): Promise<string> {
  const own = '/var/lib/appstore/root'
  const fake = `#!/bin/busybox sh\n/bin/busybox echo by $(/bin/busybox id -u) of the service\n`
  const make = `mkdir -p "$0/bin" "$0/usr/local/sbin" && cp /bin/busybox "$0/bin" && printf %s "$1" >"$0$2" && chmod 755 "$0$2"`
  await as('appstore', ['sh', '-c', make, own, fake, probeArgv[0]])
  return own
}

/** Whether root ran the service's own program in a root directory that the service chose. */
async function chosenRoot(): Promise<boolean> {
  const { stdout } = await as('appstore', ['/usr/bin/sudo', '-n', '-R', await ownRoot(), ...probeArgv])
  return stdout.includes('by 0 of the service')
}

attack({
  id: 'A13',
  title: 'root starts in no directory, and below no root directory, that the caller chose',
  shown:
    'root starts in the directory of the caller; where the machine allows `sudo -R`, it runs the caller’s own program',
  stoppedBy:
    'runcwd=/ and no runchroot for these commands, whatever the machine allows; the library starts sudo in / as well',
  rules: probeStar,
  site: 'Defaults runchroot=*\n',
  policies,
  baseline: async () => {
    const { cwd } = surroundings((await sudo('appstore', probeArgv, { cwd: evil })).stdout)
    return cwd === evil && (await chosenRoot())
  },
  ours: {
    library: async () => (await throughLibrary()).cwd !== '/',
    sudo: async () => {
      const { cwd } = surroundings((await sudo('appstore', probeArgv, { cwd: evil })).stdout)
      const asked = await as('appstore', ['/usr/bin/sudo', '-n', '-D', evil, ...probeArgv])
      return cwd !== '/' || /cwd\t\/var/.test(asked.stdout) || (await chosenRoot())
    },
    daemon: async () => {
      const fields = ['cwd', 'chroot', 'root', 'directory'].map(name => ({ ...execFrame(['true']), [name]: evil }))
      mustRefuse(await askStore(fields), 'PRIVEXEC_PROTOCOL_INVALID')
      return (await byDaemon({ cwd: evil })).cwd !== '/'
    },
  },
  onDaemon: {
    stoppedBy: 'root’s process stands in / before it hears of anybody; a request has no field for a directory',
  },
})

const opens = 'exec 5</etc/passwd 6>/var/lib/appstore/open 9</dev/zero; exec "$@"'

attack({
  id: 'A14',
  title: 'no descriptor of the caller but the three standard ones reaches root',
  shown: 'where the machine allows `sudo -C`, descriptors 5 to 9 of the caller are open in root’s program',
  stoppedBy: 'closefrom=3 without override for these commands; the library hands over three pipes',
  rules: probeStar,
  site: 'Defaults closefrom_override\n',
  policies,
  baseline: async () => {
    const { stdout } = await as('appstore', ['sh', '-c', opens, 'sh', '/usr/bin/sudo', '-n', '-C', '64', ...probeArgv])
    return surroundings(stdout).descriptors.length > 0
  },
  ours: {
    library: async () => (await throughLibrary({ before: ['sh', '-c', opens, 'sh'] })).descriptors.length > 0,
    sudo: async () => {
      const plain = await as('appstore', ['sh', '-c', opens, 'sh', '/usr/bin/sudo', '-n', ...probeArgv])
      const asked = await as('appstore', ['sh', '-c', opens, 'sh', '/usr/bin/sudo', '-n', '-C', '64', ...probeArgv])
      return surroundings(plain.stdout).descriptors.length > 0 || (ran(asked) && /^fd\t/m.test(asked.stdout))
    },
    daemon: async () => {
      const own = (await byDaemon()).descriptors
      const found = (await byDaemon({ before: ['sh', '-c', opens, 'sh'] })).descriptors
      // One that is sent along with the request, as unix sockets can.
      const sent = await sendDescriptor('appstore', 'probe_root', '/etc/passwd', {
        command: 'test.script',
        input: { name: 'tank/x' },
      })
      const got = surroundings(sent.stdout).descriptors
      const targets = (all: readonly string[]) =>
        all
          .map(text => text.split(' ')[1])
          .sort()
          .join()
      return targets(found) !== targets(own) || targets(got) !== targets(own)
    },
  },
  onDaemon: {
    stoppedBy:
      'the caller is no parent of root’s program, and one that is sent along with a request is taken by nobody',
  },
})

/** A caller that hands on the worst that it can. */
const hampered = [
  'sh',
  '-c',
  'umask 0777; ulimit -n 40; ulimit -t 100; trap "" TERM HUP INT; exec nice -n 19 "$@"',
  'sh',
]
const limited = ({ limits }: Surroundings): boolean => {
  const [size = '', files = '', time = ''] = ['Max file size', 'Max open files', 'Max cpu time'].map(
    name => limits[name],
  )
  return [size, time].some(text => !text.startsWith('unlimited')) || Number.parseInt(files, 10) < 1024
}

attack({
  id: 'A15',
  title: 'the umask of the caller does not reach root, and nothing else that it inherits keeps an operation alive',
  shown: 'a umask of 0777 and a limit of processor time of the caller reach root’s program',
  stoppedBy: 'umask=0022 with umask_override for these commands; an operation is ended by SIGKILL',
  remains:
    'resource limits, ignored signals and niceness pass through sudo 1.9 (its rlimit settings only lower): the caller can make its own operation fail or slow, as it can by ending it; it is ended all the same',
  rules: probeStar,
  policies,
  baseline: async () => {
    const { stdout } = await as('appstore', [...hampered, '/usr/bin/sudo', '-n', ...probeArgv])
    const found = surroundings(stdout)
    return limited(found) && found.umask === '0777'
  },
  ours: {
    library: async () =>
      (await throughLibrary({ before: ['sh', '-c', 'umask 0777; exec "$@"', 'sh'] })).umask !== '0022',
    sudo: async () => {
      const { stdout } = await as('appstore', [...hampered, '/usr/bin/sudo', '-n', ...probeArgv])
      return surroundings(stdout).umask !== '0022'
    },
    root: async () => {
      const before = ['sh', '-c', 'trap "" TERM HUP INT; exec nice -n 19 "$@"', 'sh']
      const [ended] = await library('appstore', [exec(['sleep', '4711'], { timeout: 500 })], { before })
      return ended?.code !== 'PRIVEXEC_TIMED_OUT' || ended.ended !== true || processesWith('sleep 4711').length > 0
    },
    daemon: async () => {
      const plain = await byDaemon()
      const found = await byDaemon({ before: hampered })
      return found.umask !== '0022' || found.nice !== plain.nice || found.ignored !== plain.ignored || limited(found)
    },
  },
  stillPossible: async () => {
    const { stdout } = await as('appstore', [...hampered, '/usr/bin/sudo', '-n', ...probeArgv])
    const found = surroundings(stdout)
    return limited(found) && found.nice === 19 && (found.ignored & (1n << 14n)) !== 0n
  },
  onDaemon: {
    stoppedBy: 'umask, limits, niceness and ignored signals are those of root’s own process, all of them',
  },
})
