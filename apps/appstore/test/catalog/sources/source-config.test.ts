import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../../../packages/privexec/test/support/property.ts'
import { accessOf } from '../../../src/catalog/sources/access.ts'
import { branchName, isCommit, repositoryUrl, sourceName } from '../../../src/catalog/sources/source-config.ts'

t.test('addresses of repositories over https, ssh and files are taken', async t => {
  for (const url of [
    'https://git.example.org/a/b.git',
    'https://x.example:8443/~u/r',
    'ssh://git@example.org:22/r',
    'file:///srv/catalog',
  ]) {
    t.equal(repositoryUrl(url), url)
  }
  t.equal(repositoryUrl('git@example.org:team/catalog.git'), 'ssh://git@example.org/team/catalog.git')
})

t.test('other protocols, passwords, options and control characters are refused', async t => {
  const bad = [
    'http://example.org/r',
    'git://example.org/r',
    'ext::sh -c id',
    'https://u:p@example.org/r',
    'https://token@example.org/r',
    '--upload-pack=id',
    '-x',
    'https://-x/r',
    'ssh://-oProxyCommand=id/r',
    'git@-oProxyCommand=x:r',
    'file://relative',
    '/srv/catalog',
    'https://example.org',
    'https://example.org/a b',
    'https://example.org/r\n',
    'git@example.org:/r\n',
    'git@example.org:/etc',
    'https://example.org/r;id',
    'fd::17',
    'https://exa$mple.org/r',
    '',
  ]
  for (const url of bad) t.throws(() => repositoryUrl(url), { code: 'APPSTORE_INPUT_INVALID', field: 'url' }, url)
})

t.test('branches and names are plain', async t => {
  for (const name of ['main', 'release/1.0', 'v2_x+y']) t.equal(branchName(name), name)
  for (const name of [
    '',
    '-x',
    'a..b',
    'a//b',
    '/a',
    'a/',
    'a.lock',
    'a/.b',
    'a b',
    'a:b',
    'a^',
    'a~1',
    '@{u}',
    'a\n',
    'a.',
    'refs/-x',
  ]) {
    t.throws(() => branchName(name), { code: 'APPSTORE_INPUT_INVALID', field: 'branch' }, name)
  }
  t.equal(sourceName('home-lab'), 'home-lab')
  for (const name of ['', '..', 'A', 'a/b', '-a', 'a--b', 'x'.repeat(64)])
    t.throws(() => sourceName(name), { code: 'APPSTORE_INPUT_INVALID', field: 'name' }, name)
  t.ok(isCommit('a'.repeat(40)) && isCommit('0'.repeat(64)))
  t.notOk(isCommit('a'.repeat(41)) || isCommit('HEAD') || isCommit('A'.repeat(40)))
})

t.test('no text that is taken begins an option, or holds what a shell or git reads in another way', async t => {
  const piece = fc.constantFrom(
    'https://',
    'ssh://',
    'file:///',
    'git@',
    '-',
    '--',
    'a',
    '.example',
    '/',
    ':',
    ' ',
    '\n',
    '..',
    '$',
    ';',
    '`',
    '"',
    "'",
    '\\',
    '@',
    '{',
  )
  await holds(
    t,
    fc.property(
      fc.array(piece, { maxLength: 8 }).map(parts => parts.join('')),
      text => {
        for (const read of [repositoryUrl, branchName, sourceName]) {
          try {
            const taken = read(text)
            if (!/^[A-Za-z0-9_][A-Za-z0-9._~+%@:/-]*$/.test(taken)) return false
            if (/^(?:https|ssh):\/\/(?:[^/@]*@)?-/.test(taken)) return false
          } catch {
            // Refused.
          }
        }
        return true
      },
    ),
    { numRuns: 3000 },
  )
})

t.test('files with secrets must be ours alone, and have plain names', async t => {
  const base = t.testdir({ open: 'x', own: 'x' })
  const { chmodSync, symlinkSync } = await import('node:fs')
  chmodSync(`${base}/own`, 0o600)
  chmodSync(`${base}/open`, 0o640)
  symlinkSync('own', `${base}/link`)
  const source = { name: 'private', url: 'https://git.example.org/r' }
  const { settings, sshCommand } = await accessOf({
    ...source,
    credentials: `${base}/own`,
    sshKey: `${base}/own`,
    ca: '/etc/ca.pem',
    proxy: 'http://proxy:3128',
  })
  t.same(settings, [
    `credential.helper=store --file=${base}/own`,
    'http.sslCAInfo=/etc/ca.pem',
    'http.proxy=http://proxy:3128',
  ])
  t.match(sshCommand, /StrictHostKeyChecking=yes .* -o IdentitiesOnly=yes -i /)
  const wrong = [
    { credentials: `${base}/open` },
    { credentials: `${base}/link` },
    { credentials: `${base}/absent` },
    { sshKey: '/a b' },
    { sshKey: '/x;id' },
    { credentials: '/a/../b' },
    { knownHosts: '$(id)' },
    { proxy: 'http://u:p@proxy' },
    { ca: 'relative' },
  ]
  for (const part of wrong)
    await t.rejects(accessOf({ ...source, ...part }), { code: 'APPSTORE_CONFIG_INVALID' }, JSON.stringify(part))
})
