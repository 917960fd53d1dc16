import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import t from 'tap'
import { renderCall, renderPortable } from '../../packages/privexec/src/render/portable.ts'
import { dropInName } from '../../packages/privexec/src/render/sudoers.ts'
import { callPath } from '../../packages/privexec/src/transport/portable/path.ts'
import { type Shipped, shipped } from '../equivalence/rules.ts'
import { installDropIn, prepareHost, removeDropIn } from '../host/prepare.ts'
import { type RunOptions, runAs } from '../host/service.ts'
import { check, classic, type Implementation, may, skip, sudoRs } from './support/implementations.ts'

/** Stands for Node: says who runs it and how, and its environment as it was given. */
const witness = '/usr/libexec/privexec/witness'
const witnessText = `\
#!/bin/sh
echo "ran as $(id -un) in $(pwd), umask $(umask): $*"
echo "limits $(ulimit -t) $(ulimit -f) $(ulimit -n)" >&2
cat /proc/$$/environ
`
const ran = (policy: string): RegExp => new RegExp(`^ran as root in /, umask 0022: .* --once ${policy}\\n`)

const both = [classic, ...sudoRs]
const appstore = callPath('appstore')

if (skip === false) {
  prepareHost()
  program(witness, witnessText)
  for (const { policy } of shipped) {
    program(callPath(policy.name), renderCall(policy, witness))
    installDropIn(dropInName(policy.name), renderPortable(policy))
  }
  symlinkSync('/usr/bin/id', '/var/lib/appstore/call-appstore')
  t.teardown(() => {
    for (const { policy } of shipped) removeDropIn(dropInName(policy.name))
  })
}

function program(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  chmodSync(path, 0o755)
}

const run = ({ sudo }: Implementation, user: string, args: readonly string[], options: RunOptions = {}) =>
  runAs(user, [sudo, '-n', ...args], options)

for (const { policy, user } of shipped) {
  t.test(`the principal of ${policy.name} runs its program without arguments, as root`, { skip }, async t => {
    for (const each of both) {
      t.match(check(each, `/etc/sudoers.d/${dropInName(policy.name)}`), { status: 0 }, each.name)
      t.match(await run(each, user, [callPath(policy.name)]), { exitCode: 0, stdout: ran(policy.name) }, each.name)
    }
  })
}

/** What is asked by whom, instead; `appstore` may run its program without arguments, and that is all. */
const refused: Readonly<Record<string, readonly [user: string, args: readonly string[]]>> = {
  'an argument': ['appstore', [appstore, 'x']],
  'an empty argument': ['appstore', [appstore, '']],
  'a blank as the argument': ['appstore', [appstore, ' ']],
  'the mark itself as the argument': ['appstore', [appstore, '""']],
  'an option': ['appstore', [appstore, '--once']],
  'two dashes': ['appstore', [appstore, '--']],
  'many arguments': ['appstore', [appstore, ...Array.from({ length: 100 }, () => 'x')]],
  'an account with no rights': ['mallory', [appstore]],
  'the principal of another policy': ['alice', [appstore]],
  'the program of another policy': ['appstore', [callPath('pgd')]],
  'another account to run as': ['appstore', ['-u', 'alice', appstore]],
  'itself to run as': ['appstore', ['-u', 'appstore', appstore]],
  'root by number and a group': ['appstore', ['-u', '#0', '-g', 'pgd', appstore]],
  'another group': ['appstore', ['-g', 'shadow', appstore]],
  'a shell': ['appstore', ['-s']],
  'a shell that runs it': ['appstore', ['-s', appstore]],
  'a login': ['appstore', ['-i', appstore]],
  'a variable': ['appstore', ['NODE_OPTIONS=--require=/tmp/x.cjs', appstore]],
  'a directory': ['appstore', ['-D', '/tmp', appstore]],
  'a root directory': ['appstore', ['-R', '/tmp', appstore]],
  'a file to edit': ['appstore', ['-e', appstore]],
  'a link of its name to another program': ['appstore', ['/var/lib/appstore/call-appstore']],
  'the program that it would start': ['appstore', ['/usr/libexec/privexec/privexecd']],
  'an interpreter of it': ['appstore', ['/bin/sh', appstore]],
}

for (const [name, [user, args]] of Object.entries(refused)) {
  t.test(`${name} is refused by every sudo`, { skip }, async t => {
    for (const each of both) {
      const { exitCode, stdout } = await run(each, user, args)
      t.ok(exitCode !== 0 && !stdout.includes('ran as'), each.name)
    }
  })
}

/** Variables with which a caller would change what an interpreter, a linker or a library does. */
const variables: Readonly<Record<string, string>> = {
  NODE_OPTIONS: '--require=/tmp/x.cjs',
  NODE_PATH: '/tmp',
  NODE_EXTRA_CA_CERTS: '/tmp/x',
  NODE_REPL_EXTERNAL_MODULE: '/tmp/x.cjs',
  BASH_ENV: '/tmp/x.sh',
  ENV: '/tmp/x.sh',
  SHELLOPTS: 'xtrace',
  PS4: '$(id >/tmp/owned)',
  IFS: 'x',
  CDPATH: '/tmp',
  'BASH_FUNC_id%%': '() { echo owned; }',
  PERL5OPT: '-Mx',
  PERL5LIB: '/tmp',
  PYTHONPATH: '/tmp',
  LD_PRELOAD: '/tmp/x.so',
  LD_LIBRARY_PATH: '/tmp',
  LD_AUDIT: '/tmp/x.so',
  GCONV_PATH: '/tmp',
  GLIBC_TUNABLES: 'glibc.malloc.check=3',
  LOCPATH: '/tmp',
  OPENSSL_CONF: '/tmp/x.cnf',
  SSL_CERT_FILE: '/tmp/x',
  PRIVEXEC_OPERATION: 'appstore-0',
  PRIVEXEC_POLICY: 'x',
  LISTEN_FDS: '1',
  NOTIFY_SOCKET: '/tmp/x',
  ZFS_MOUNT_HELPER: '1',
  HOSTNAME: 'x',
  DISPLAY: ':1',
  XAUTHORITY: '/tmp/x',
  LANGUAGE: 'x',
  LC_ALL: 'C',
  TZ: 'UTC',
  PS1: 'x',
  DOCKER_HOST: 'tcp://x',
}

/** The environment that the witness was given. */
const environmentIn = (stdout: string): string[] =>
  stdout
    .slice(stdout.indexOf('\n') + 1)
    .split('\0')
    .filter(text => text !== '')

t.test('nothing of the environment of the caller reaches it', { skip }, async t => {
  const uid = (await runAs('appstore', ['id', '-u'])).stdout.trim()
  for (const each of both) {
    // The linker of the caller reads some of them before sudo is there, without rights: it complains at most.
    const env = { ...variables, SUDO_UID: '0', SUDO_USER: 'root', PATH: '/tmp:/usr/bin:/bin' }
    const { exitCode, stdout } = await run(each, 'appstore', [appstore], { env })
    t.equal(exitCode, 0, each.name)
    t.strictSame(
      environmentIn(stdout),
      [`SUDO_UID=${uid}`, 'LC_ALL=C', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin'],
      `${each.name}: SUDO_UID is the account that asked, whatever it says`,
    )
  }
})

t.test('nor one that the caller asks to keep', { skip }, async t => {
  for (const each of both) {
    for (const option of ['-E', '--preserve-env=NODE_OPTIONS']) {
      // sudo-rs goes on without what it does not know.
      const { stdout } = await run(each, 'appstore', [option, appstore], {
        env: { NODE_OPTIONS: '--require=/tmp/x.cjs' },
      })
      t.notMatch(stdout, 'NODE_OPTIONS', `${each.name} ${option}`)
    }
  }
})

t.test('nor its directory and mask', { skip }, async t => {
  for (const { sudo, name } of both) {
    const script = 'cd /tmp && umask 0777 && exec "$@"'
    const { stdout } = await runAs('appstore', ['sh', '-c', script, 'sh', sudo, '-n', appstore])
    t.match(stdout, ran('appstore'), name)
  }
})

t.test('nor its limits: where root may not lift them, nothing is started', { skip }, async t => {
  for (const { sudo, name } of both) {
    const script = 'ulimit -t 7 && ulimit -f 9 && ulimit -n 64 && exec "$@"'
    const { stderr } = await runAs('appstore', ['sh', '-c', script, 'sh', sudo, '-n', appstore])
    t.match(stderr, /^limits unlimited unlimited 4096$|ulimit: error setting limit/m, name)
    t.notMatch(stderr, /^limits .*\b(7|9|64)\b/m, name)
  }
})

t.test('the drop-in with patterns beside it changes nothing of that', { skip }, async t => {
  const [{ sudoers } = { sudoers: '' }] = shipped
  installDropIn('classic', sudoers)
  t.teardown(() => removeDropIn('classic'))
  for (const each of sudoRs) {
    t.match(await run(each, 'appstore', [appstore]), { exitCode: 0, stdout: ran('appstore') }, each.name)
    t.notOk(may(each, 'appstore', [appstore, 'x']), each.name)
    t.notOk(may(each, 'appstore', ['/usr/libexec/privexec/end-operation', `appstore-${'0'.repeat(32)}`]), each.name)
  }
})

t.test('without the mark every argument would be let through', { skip }, async t => {
  const [{ policy }] = shipped as [Shipped]
  installDropIn(dropInName('appstore'), renderPortable(policy).replace(' ""', ''))
  t.teardown(() => installDropIn(dropInName('appstore'), renderPortable(policy)))
  for (const each of both) {
    t.match(await run(each, 'appstore', [appstore, 'x']), { exitCode: 0, stdout: ran('appstore') }, each.name)
  }
})
