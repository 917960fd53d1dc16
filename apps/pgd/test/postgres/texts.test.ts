import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../../packages/privexec/test/support/property.ts'
import { hbaText, identText } from '../../src/postgres/hba.ts'
import { initdbArgv } from '../../src/postgres/initdb.ts'
import { newPassword, verifierOf } from '../../src/postgres/scram.ts'
import { archiveCommand, restoreCommand, serverSettings } from '../../src/postgres/settings.ts'
import { connectionUrl } from '../../src/postgres/url.ts'
import { layoutBelow } from '../../src/serve/layout.ts'

const layout = layoutBelow('/pgd')

t.test('the verifier is the one of RFC 7677 for its password and salt', async t => {
  const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64')
  t.equal(
    await verifierOf('pencil', salt),
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  )
  t.not(await verifierOf('pencil'), await verifierOf('pencil'), 'each has a salt of its own')
  for (const odd of ['', 'naïve', 'a\nb', 'a\0']) await t.rejects(verifierOf(odd), TypeError)
})

t.test('a password is 32 letters and digits, and no two are the same', async t => {
  const all = Array.from({ length: 200 }, newPassword)
  t.ok(all.every(one => /^[A-Za-z0-9]{32}$/.test(one)))
  t.equal(new Set(all).size, 200)
})

t.test('a URL says what it was made of, whatever that holds', t =>
  holds(
    t,
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), fc.string(), (password, database, sslRootCert) => {
      const parts = { host: 'localhost', port: 6500, user: 'post/gres@x', database, password, sslRootCert }
      const url = new URL(connectionUrl(parts))
      const read = [url.password, url.pathname.slice(1), url.username].map(decodeURIComponent)
      const root = /&sslrootcert=([^&+]*)$/.exec(url.search)?.[1]
      return (
        url.host === 'localhost:6500' &&
        url.search.startsWith('?sslmode=verify-full&') &&
        // A URL drops the dots of a path that stand alone, which is no database that anybody has.
        (read[1] === database || /^\.{1,2}$/.test(database)) &&
        read[0] === password &&
        read[2] === 'post/gres@x' &&
        decodeURIComponent(root ?? '') === sslRootCert
      )
    }),
  ),
)

t.test('an IPv6 host stands in brackets', async t => {
  const parts = { port: 1, user: 'u', database: 'd', password: 'p', sslRootCert: '/r' }
  t.match(connectionUrl({ host: '::1', ...parts }), /@\[::1\]:1\/d\?/)
})

t.test('nobody comes in by the network without TLS and a password', async t => {
  const rules = hbaText.trimEnd().split('\n')
  t.strictSame(
    rules.map(rule => rule.split(' ')[0]),
    ['local', 'hostssl', 'hostssl'],
  )
  t.ok(rules.slice(1).every(rule => rule.endsWith(' scram-sha-256')))
  t.equal(identText('alice'), 'pgd "alice" postgres\n')
  for (const odd of ['', '/a', '/^a', 'a b', 'a"b', 'a\nb', 'a,b', '+all', '@file']) {
    t.throws(() => identText(odd), { code: 'PGD_REFUSED' }, JSON.stringify(odd))
  }
})

t.test('initdb makes checksums and no trust, in the words of each version', async t => {
  for (const version of [13, 14, 15, 16, 17, 18]) {
    const argv = initdbArgv(layout, version)
    t.strictSame(argv.slice(0, 3), ['initdb', '--pgdata=/pgd/data', '--username=postgres'])
    for (const word of ['--data-checksums', '--auth-local=peer', '--auth-host=scram-sha-256']) t.ok(argv.includes(word))
    t.equal(argv.includes('--locale-provider=builtin'), version >= 17)
    t.equal(initdbArgv(layout, version, 'icu').includes('--locale-provider=icu'), version >= 15)
  }
})

t.test('a server without a port listens nowhere', async t => {
  const wish = { layout, version: 15, runtime: 'process' } as const
  t.match(serverSettings(wish), { listen_addresses: '', port: '5432' })
  t.match(serverSettings({ ...wish, port: 6500 }), { listen_addresses: '127.0.0.1', port: '6500' })
  t.match(serverSettings({ ...wish, runtime: 'docker', port: 5432 }), { listen_addresses: '*' })
  t.equal(serverSettings({ ...wish, version: 13 }).recovery_init_sync_method, undefined)
  t.equal(serverSettings({ ...wish, memory: 2 ** 30 }).shared_buffers, '262144kB')
  t.equal(serverSettings({ ...wish, memory: 1 }).shared_buffers, '1024kB')
})

t.test('recovery names its instant with a zone, and follows one timeline', async t => {
  const recovery = { archive: '/a', timeline: 3, target: 1_700_000_000_123 }
  t.match(serverSettings({ layout, version: 15, runtime: 'docker', recovery }), {
    recovery_target_time: '2023-11-14 22:13:20.123+00',
    recovery_target_timeline: '3',
    recovery_target_action: 'promote',
    hot_standby: 'off',
  })
})

t.test('archiving', async t => {
  const root = t.testdir()
  /** What PostgreSQL makes of a command before it gives it to sh, and whether that succeeds. */
  const runs = (command: string, file: string, path: string): boolean => {
    const words: Record<string, string> = { '%f': file, '%p': path, '%%': '%' }
    const line = command.replace(/%[fp%]/g, word => words[word] ?? '')
    try {
      execFileSync('sh', ['-c', line], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  }
  const name = '000000010000000000000001'
  const odd = join(root, `it's a "odd" %f %p $HOME \`x\` -n`)
  mkdirSync(odd)
  const source = join(root, 'source')
  writeFileSync(source, 'one')
  const archive = archiveCommand(odd)
  t.ok(runs(archive, name, source), 'into a directory of any name')
  t.equal(readFileSync(join(odd, name), 'utf8'), 'one')
  t.ok(runs(archive, name, source), 'the same once more, as after a crash')
  writeFileSync(source, 'two')
  t.notOk(runs(archive, name, source), 'but never another one in its place')
  t.equal(readFileSync(join(odd, name), 'utf8'), 'one')
  writeFileSync(join(odd, `${name}.part`), 'of a copy that was killed')
  t.notOk(runs(archive, '000000010000000000000002', join(root, 'missing')))
  t.ok(runs(restoreCommand(odd), name, join(root, 'restored')))
  t.equal(readFileSync(join(root, 'restored'), 'utf8'), 'one')
  t.notOk(runs(restoreCommand(odd), '000000010000000000000002', join(root, 'restored')))
  t.notOk(runs(archiveCommand(join(root, 'nowhere')), name, source))
})
