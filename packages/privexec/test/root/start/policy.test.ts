import { chmod, writeFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { z } from 'zod'
import { loadTrustedPolicy } from '../../../src/root/start/policy.ts'
import { trustedDirectory } from '../../support/trusted-directory.ts'
import { commandsWith } from '../support/service.ts'

const options = process.getuid?.() === 0 ? {} : { skip: 'only root can make files of root' }
const commands = commandsWith()
const plain = {
  audit: { file: '/var/log/sample/audit.jsonl' },
  grants: [{ command: 'tool.use', timeout: '10m', where: { vmid: '20000-20999' } }],
  policy: 'sample',
  principal: { user: 'sample' },
  summary: 'A sample',
  transport: 'daemon',
}

async function installed(s: Test, text: string, name = 'sample'): Promise<string> {
  const directory = trustedDirectory(s)
  await chmod(directory, 0o755)
  await writeFile(`${directory}/${name}.json`, text, { mode: 0o644 })
  return directory
}

t.test('an installed policy is read from its JSON', options, async s => {
  const directory = await installed(s, JSON.stringify(plain))
  const policy = await loadTrustedPolicy(z, 'sample', commands, directory)
  s.match(policy, { name: 'sample', transport: 'daemon', source: `${directory}/sample.json`, limits: { running: 16 } })
})

t.test('a name that is no name of a policy reaches no file', options, async s => {
  for (const name of ['', '.', '..', '../sample', '/etc/x', 'Sample', 'a/b', 'a.b', 'a\0', `a${'b'.repeat(31)}`]) {
    await s.rejects(loadTrustedPolicy(z, name, commands, '/nowhere'), { code: 'PRIVEXEC_POLICY_INVALID' }, name)
  }
  await s.rejects(loadTrustedPolicy(z, 'sample', commands, '/nowhere'), { code: 'PRIVEXEC_POLICY_UNREADABLE' })
})

t.test('what is no policy, or two in one, is refused with what is wrong', options, async s => {
  const cases: [string, RegExp][] = [
    ['', /not JSON/],
    ['policy: sample', /not JSON/],
    [JSON.stringify(plain).replace('{', '{"principal":{"group":"wheel"},'), /a key twice/],
    [JSON.stringify({ ...plain, other: 1 }), /there is no such key/],
    [JSON.stringify({ ...plain, policy: 'another' }), /is the policy another/],
    [JSON.stringify({ ...plain, grants: [] }), /grants/],
    [JSON.stringify({ ...plain, limits: { running: 0 } }), /running/],
    [JSON.stringify({ ...plain, limits: { running: 1e6 } }), /running/],
  ]
  for (const [text, message] of cases) {
    const directory = await installed(s, text)
    await s.rejects(loadTrustedPolicy(z, 'sample', commands, directory), { code: 'PRIVEXEC_POLICY_INVALID', message })
  }
})

t.test('a policy that anybody else could have written is refused', options, async s => {
  const directory = await installed(s, JSON.stringify(plain))
  await chmod(`${directory}/sample.json`, 0o666)
  await s.rejects(loadTrustedPolicy(z, 'sample', commands, directory), { code: 'PRIVEXEC_POLICY_UNREADABLE' })
})

t.test('a refusal says what is wrong, where, and what the reader said', options, async s => {
  const directory = await installed(s, JSON.stringify({ ...plain, limits: { running: 0 } }))
  const problem = await loadTrustedPolicy(z, 'sample', commands, directory).catch(error => error)
  const start = `${directory}/sample.json: limits.running: `
  s.ok(problem.message.startsWith(start) && !problem.message.includes('\n'), problem.message)
  const torn = await installed(s, '{')
  await s.rejects(loadTrustedPolicy(z, 'sample', commands, torn), { cause: { name: 'JsonError' } })
})
