import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { renderDropIn } from '../../src/render/drop-in.ts'
import { renderCall, renderPortable } from '../../src/render/portable.ts'
import { appstoreByDaemon, pgdPortable, withFiles } from './units/support.ts'

const visudo = '/usr/sbin/visudo'
const { missing } = withFiles({}, visudo, ['-V'])

t.test('visudo takes the portable drop-in', { skip: missing ? `${visudo} is not installed` : false }, async t => {
  const { status, stderr } = withFiles({ dropIn: renderPortable(pgdPortable) }, visudo, ['-c', '-f', 'dropIn'])
  t.equal(status, 0, stderr)
})

t.test('the drop-in has one rule, for one program, without arguments, and no defaults', async t => {
  const lines = renderPortable(pgdPortable)
    .split('\n')
    .filter(line => !/^(#.*)?$/.test(line))
  t.same(lines, ['%pgd ALL=(root) NOPASSWD: /usr/libexec/privexec/call-pgd ""'])
  const principal = { kind: 'user', name: 'alice', service: false } as const
  t.match(renderPortable({ ...pgdPortable, principal }), /^alice ALL=/m)
})

t.test('sudo has no drop-in for a policy with a socket', async t => {
  t.equal(renderDropIn(appstoreByDaemon), undefined)
  t.equal(renderDropIn(pgdPortable), renderPortable(pgdPortable))
})

t.test('the program starts the broker with an environment, a directory and a mask of its own', async t => {
  const text = renderCall(pgdPortable, '/bin/sh')
  // The shell stands for Node: it takes what follows its options as a script, and says what it finds.
  const script = text.replace(/\/bin\/sh --disallow.*$/m, '/bin/sh -c \'env; pwd; umask; echo $@\' call "$@"')
  t.not(script, text)
  const marker = {
    LD_PRELOAD: '',
    NODE_OPTIONS: '--require=/tmp/x',
    BASH_ENV: '/tmp/x',
    PATH: '/tmp',
    HOME: '/tmp',
    ENV: '/x',
  }
  const set = Object.entries({ ...marker, SUDO_UID: '1001' }).map(([name, value]) => `${name}=${value}`)
  const { status, stdout } = withFiles({ call: script }, '/usr/bin/env', [...set, '/bin/sh', 'call'])
  t.equal(status, 0)
  const lines = stdout
    .trim()
    .split('\n')
    .filter(line => !/^(PWD|SHLVL|_)=/.test(line))
  t.same(lines.sort(), ['/', '0022', 'LC_ALL=C', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'SUDO_UID=1001'])
})

t.test('no argument of the caller is passed on', async t => {
  const text = readFileSync(
    join(import.meta.dirname, '../../../../policies/examples/portable/rendered/call-pgd'),
    'utf8',
  )
  t.equal(text, renderCall(pgdPortable))
  t.notMatch(text, /\$[@*#0-9]/)
})
