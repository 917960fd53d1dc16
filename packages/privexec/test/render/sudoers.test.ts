import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { parsePolicy } from '../../src/policy/load.ts'
import { dropInName, renderSudoers } from '../../src/render/sudoers.ts'
import { grantText, policyText, shipped } from '../support/policies.ts'

const visudo = ['/usr/sbin/visudo', '/usr/bin/visudo'].find(path => existsSync(path))
const policies = [await shipped('appstore'), await shipped('pgd')]
const grants = [grantText('pct.exec', '{ vmid: 200-300 }'), grantText('zfs.mount', '{ base: tank }', '2h')].join('\n')

t.test('no wildcard, no bare command, and one anchored expression in each rule', async t => {
  for (const policy of policies) {
    const text = renderSudoers(policy)
    const rules = text.split('\n').filter(line => / = \//.test(line))
    t.equal(rules.length, policy.grants.length + 1, 'one a grant, and one that ends operations')
    for (const rule of rules) {
      t.match(rule, /^Cmnd_Alias PRIVEXEC_[A-Z0-9_]+ = (?:\/[a-z-]+)+ \^[^*\\!"]*\$$/, rule)
      t.notMatch(rule, /[^)\]]\?/, 'a question mark only makes something optional')
    }
    t.notMatch(text, /\*/)
    for (const grant of policy.grants) t.match(text, `TIMEOUT=${grant.timeout}s NOPASSWD: `)
  }
})

t.test('every line is of a known kind, whatever the policy says', async t => {
  const odd = policyText({
    name: 'a_1_b2',
    summary: "x ALL:(ALL) ALL; Defaults, (a) 'b' /+-_",
    principal: '{ group: defaults }',
    more: 'runAs: all',
    grants: [grants, grantText('pct.push', '{ vmid: 100-999999999, below: ["/a,b=c:d@e%f~g+h.i"] }')].join('\n'),
  })
  for (const policy of [...policies, await parsePolicy(odd)]) {
    for (const line of renderSudoers(policy).split('\n')) {
      t.match(
        line,
        /^(?:$|# [ -~]*[^\\]$|Cmnd_Alias PRIVEXEC_|Defaults[!:][A-Za-z_0-9]+ [ -~]*[^\\]$|%?[a-z]+ ALL=\([a-z]+\) TIMEOUT=\d+s NOPASSWD: PRIVEXEC_\w+$)/,
        line,
      )
    }
  }
})

t.test('the aliases of one policy are never those of another', async t => {
  const aliases = async (name: string) =>
    [...renderSudoers(await parsePolicy(policyText({ name, grants }))).matchAll(/^Cmnd_Alias (\w+)/gm)].map(
      match => match[1],
    )
  const all = (await Promise.all(['a', 'a_1', 'a_2', 'a_end', 'a_1_end', 'a1', 'end'].map(aliases))).flat()
  t.equal(new Set(all).size, all.length)
})

t.test('what a command finds when it starts is said, whatever the machine has', async t => {
  for (const policy of policies) {
    const text = renderSudoers(policy)
    for (const setting of [
      'env_reset',
      '!setenv',
      'env_keep="PRIVEXEC_OPERATION"',
      'secure_path=',
      'runcwd=/',
      'umask=0022',
      'log_format=json',
    ]) {
      t.ok(text.includes(setting), setting)
    }
  }
  const session = async (more: string) =>
    renderSudoers(await parsePolicy(policyText({ more }))).includes('!pam_session')
  t.ok(await session(''))
  t.notOk(await session('runAs: postgres'), 'another account may need what its session brings')
})

t.test('the name of the file is one that sudo does not skip', async t => {
  for (const { name } of policies) t.match(dropInName(name), /^[a-z0-9_]+$/)
})

t.test('visudo accepts it', { skip: visudo === undefined && 'visudo is not installed' }, async t => {
  const directory = mkdtempSync(join(tmpdir(), 'sudoers-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const names = ['all', 'defaults', 'include', 'includedir', 'list', 'role', '_a-b_9', 'a-', 'user_alias']
  const odd = names
    .flatMap(name => [`{ user: ${name}, service: true }`, `{ group: ${name} }`])
    .map((principal, index) =>
      parsePolicy(
        policyText({ name: `odd${index}`, grants, principal, more: `runAs: ${names[index % names.length]}` }),
      ),
    )
  for (const policy of [...policies, ...(await Promise.all(odd))]) {
    const file = join(directory, policy.name)
    writeFileSync(file, renderSudoers(policy), { mode: 0o440 })
    const { status, stdout, stderr } = spawnSync(visudo ?? '', ['-c', '-s', '-f', file], { encoding: 'utf8' })
    t.equal(status, 0, `${policy.name}: ${stdout}${stderr}`)
  }
})
