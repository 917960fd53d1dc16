import t from 'tap'
import { catalogue, loadPolicy, parsePolicy, pctExec, pctPush } from '../../src/index.ts'
import { longestRule } from '../../src/pattern/dialect.ts'
import { renderSudoers, scopeOf } from '../../src/render/sudoers.ts'
import { testBroker } from '../../src/testing/index.ts'

const file = `${import.meta.dirname}/../../../../policies/appstore.yaml`
const policy = await loadPolicy(file)
const broker = await testBroker(policy)

const scopes = policy.grants.map(grant => {
  const [path, ...expression] = (scopeOf(grant) ?? '').split(' ')
  return { path, expression: new RegExp(expression.join(' ')) }
})

t.test('the settings of a policy reach every command that it allows', async s => {
  const content = Buffer.from('')
  const decisions = [
    broker.decide(pctExec, { vmid: 20000, command: ['ls'] }),
    broker.decide(pctExec, { vmid: 20999, command: ['sh', '-c', 'x'.repeat(3800)] }),
    broker.decide(pctPush, { vmid: 20500, content, destination: '/a' }),
    broker.decide(pctPush, { vmid: 20500, content, destination: '/a/b', perms: '0644', user: 'root', group: '0' }),
  ]
  for (const decision of decisions) {
    s.ok(decision.allowed)
    if (!decision.allowed) continue
    const [path, ...args] = decision.argv
    s.ok(scopes.some(scope => scope.path === path && scope.expression.test(args.join(' '))))
  }
})

t.test('they reach no command that does not name the policy', async s => {
  const begin = '--mount=/proc/1/ns/mnt -- /usr/sbin/pct exec 20001 --keep-env 0 -- /usr/bin/env'
  const marker = `PRIVEXEC_OPERATION=appstore-${'0'.repeat(32)}`
  s.ok(scopes[0]?.expression.test(`${begin} ${marker} ls`))
  for (const args of [`${begin} ls`, `${begin} ${marker.replace('appstore', 'other')} ls`, `x ${begin} ${marker} ls`]) {
    s.notOk(
      scopes.some(({ expression }) => expression.test(args)),
      args,
    )
  }
})

t.test(
  'a command that has neither marker nor content is its own scope, and none is longer than sudo takes',
  async s => {
    const zfs = await parsePolicy(
      `{ policy: z, summary: s, principal: { user: u }, audit: { file: /a },
       grants: [{ command: zfs.mount, where: { base: tank/a }, timeout: 1s }] }`,
      { commands: catalogue as never },
    )
    s.strictSame(zfs.grants.map(scopeOf), [undefined])
    s.match(renderSudoers(zfs), 'Cmnd_Alias PRIVEXEC_Z = PRIVEXEC_Z__END, PRIVEXEC_Z__1\n')
    for (const { expression } of scopes) s.ok(expression.source.length <= longestRule)
  },
)
