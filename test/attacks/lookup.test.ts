import { spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attack } from './support/attack.ts'
import type { Request } from './support/client.ts'
import { anyStarted, ask, execFrame, speak } from './support/frames.ts'
import { exec, library } from './support/library.ts'
import { installProbe, probeArgv, probePolicy, probeStar } from './support/probe.ts'
import { daemonOf, installScript, libraryByRoot, rootPolicies } from './support/root-side.ts'
import {
  any,
  appears,
  as,
  inContainer,
  legalExec,
  pct,
  policyText,
  root,
  setScene,
  skip,
  sudo,
} from './support/scene.ts'

setScene()
const evil = '/var/lib/appstore/evil'
const fakeRan = '/var/lib/appstore/fake-ran'

if (skip === false) {
  installProbe()
  await as('appstore', ['mkdir', '-p', evil])
  for (const name of ['sudo', 'pct', 'zfs', 'nsenter', 'perl', 'env', 'lxc-attach', 'lxc-info']) {
    writeFileSync(join(evil, name), `#!/bin/sh\n: >${fakeRan}\n`)
    chmodSync(join(evil, name), 0o755)
  }
}

const probe = { command: 'test.probe', input: { name: 'tank/x' } }
const policies = [policyText('appstore'), probePolicy]
const bin = '/usr/bin:/bin'

attack({
  id: 'A11',
  title: 'a program that the caller puts first in PATH is not run',
  shown: 'a program that calls bare `sudo zfs` runs the first `sudo` of its PATH',
  stoppedBy: 'absolute paths from end to end; secure_path for what root looks up',
  baseline: () =>
    appears(fakeRan, () => {
      const naive = `require('child_process').execFileSync('sudo', ['zfs', 'mount', '-a'])`
      return as('appstore', [process.execPath, '-e', naive], { env: { PATH: `${evil}:${bin}` } })
    }),
  ours: {
    library: () =>
      appears(fakeRan, async () => {
        const [answer] = await library('appstore', [exec(['true'])], { env: { PATH: evil } })
        if (answer?.exitCode !== 0) throw new Error(`it did not run: ${answer?.message}`)
      }),
    sudo: () =>
      appears(fakeRan, async () => {
        const env = { PATH: `${evil}:${bin}` }
        await sudo('appstore', legalExec(20001, ['true']), { env, cwd: evil })
        await sudo('appstore', ['nsenter', ...legalExec(20001, ['true']).slice(1)], { env, cwd: evil })
        await sudo('appstore', ['./nsenter', ...legalExec(20001, ['true']).slice(1)], { env, cwd: evil })
      }),
    daemon: () =>
      appears(fakeRan, async () => {
        const env = { PATH: `${evil}:${bin}` }
        const [answer] = await libraryByRoot('appstore', [exec(['true'])], { env: { PATH: evil } })
        if (answer?.exitCode !== 0) throw new Error(`it did not run: ${answer?.message}`)
        await speak('appstore', [ask('store_root', execFrame(['true']))], { env, cwd: evil })
      }),
  },
  onDaemon: {
    stoppedBy: 'absolute paths, and a PATH of root’s own; the caller’s is in another process',
  },
})

/** Runs a command line on a terminal of its own, then tells what was typed into that terminal meanwhile. */
async function typed(line: string): Promise<string> {
  // script(1) types an end of file when its own input ends, so the first line may be empty.
  const script = `${line}\nfor turn in 1 2 3; do IFS= read -r -t 0.5 words && echo "typed: $words"; done`
  writeFileSync('/var/lib/appstore/on-terminal', script)
  const onTerminal = 'bash /var/lib/appstore/on-terminal'
  const { stdout } = await as('appstore', ['script', '-qec', onTerminal, '/dev/null'], {
    cwd: root,
    env: { SHELL: '/bin/bash' },
  })
  return stdout
}

/** The same of a client of the library. */
async function typedBy(policy: string, request: Request): Promise<string> {
  const session = '/var/lib/appstore/session.json'
  writeFileSync(session, JSON.stringify({ policy, requests: [request] }))
  const client = join(import.meta.dirname, 'support/client.ts')
  const output = await typed(`'${process.execPath}' '${client}' <${session}`)
  if (!output.includes('terminal')) throw new Error(`the probe did not run: ${output}`)
  return output
}

attack({
  id: 'A16',
  title: 'a program that root runs types nothing into the terminal of the caller',
  shown: 'without use_pty, root’s program types a line by TIOCSTI that the shell of the caller then reads',
  stoppedBy:
    'the library gives a session without a terminal; use_pty for these commands gives the program one of its own',
  rules: probeStar,
  site: 'Defaults !use_pty\n',
  policies,
  baseline: async () => (await typed(`sudo -n ${probeArgv.join(' ')}`)).includes('typed: injected'),
  ours: {
    library: async () => {
      const output = await typedBy(probePolicy, probe)
      return output.includes('typed: injected') || output.includes(String.raw`terminal\t1`)
    },
    sudo: async () => {
      const output = await typed(`sudo -n ${probeArgv.join(' ')}`)
      if (!output.includes('terminal')) throw new Error(`the probe did not run: ${output}`)
      return output.includes('typed: injected')
    },
    daemon: async () => {
      installScript(`exec ${probeArgv.join(' ')}`)
      const policy = rootPolicies.probe()
      await daemonOf(policy)
      const output = await typedBy(policy, { command: 'test.script', input: { name: 'tank/x' } })
      return output.includes('typed: injected') || output.includes(String.raw`terminal\t1`)
    },
  },
  onDaemon: {
    stoppedBy:
      'root’s program is no descendant of the caller and has no terminal of it; one that is asked for is a new one of its own',
  },
})

/** Locales in which a letter with an accent is a letter; made here, where the machine has the means. */
function locales(): string[] {
  const made = spawnSync('localedef', ['-i', 'en_US', '-f', 'UTF-8', 'en_US.UTF-8'])
  return ['C', 'C.UTF-8', ...(made.status === 0 ? ['en_US.UTF-8'] : [])]
}

const accented = '/root/caf\u00e9'
const asksIn = (locale: string, argv: readonly string[]) => async () =>
  (await as('appstore', ['/usr/bin/sudo', '-n', '-l', '--', ...argv], { env: { LC_ALL: locale } })).exitCode === 0

attack({
  id: 'A09',
  title: 'the locale of the caller changes nothing in what a rule takes',
  shown: 'the class [[:alnum:]] takes a letter with an accent when the caller asks in a UTF-8 locale',
  stoppedBy: 'explicit ASCII ranges only',
  rules: `appstore ALL=(root) NOPASSWD: /usr/bin/nsenter ^--mount=/proc/1/ns/mnt -- /usr/sbin/pct exec 20001 -- /bin/touch /root/[[:alnum:]]+$\n`,
  baseline: async () => {
    const argv = pct('exec', '20001', '--', '/bin/touch', accented)
    const listed = await any(locales(), locale => asksIn(locale, argv)())
    return listed && !(await asksIn('C', argv)())
  },
  ours: {
    sudo: () =>
      any(locales(), async locale => {
        const exotic = legalExec(20001, ['/bin/touch', accented])
        const upper = legalExec('２0001', ['/bin/touch', '/root/x'])
        const made = await appears(inContainer(20001, accented), () =>
          sudo('appstore', exotic, { env: { LC_ALL: locale } }),
        )
        const plain = legalExec(20001, ['/bin/touch', '/root/cafe'])
        const works = () => sudo('appstore', plain, { env: { LC_ALL: locale } })
        if (!(await appears(inContainer(20001, '/root/cafe'), works)))
          throw new Error(`a legal argv is refused in ${locale}`)
        return made || (await asksIn(locale, exotic)()) || (await asksIn(locale, upper)())
      }),
    daemon: () =>
      any(locales(), async locale => {
        await daemonOf(rootPolicies.store())
        const env = { LC_ALL: locale, LANG: locale }
        const say = async (argv: readonly string[], id: unknown = 20001) =>
          anyStarted(await speak('appstore', [ask('store_root', execFrame(argv, id))], { env }))
        if (!(await say(['touch', '/root/cafe']))) throw new Error(`a legal request is refused in ${locale}`)
        return (await say(['touch', accented])) || (await say(['true'], '２0001'))
      }),
  },
  onDaemon: {
    stoppedBy: 'a locale is nothing that a request could carry, and root’s own is C',
  },
})
