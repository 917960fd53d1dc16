import { readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import type { Command } from '../../src/index.ts'
import { pctExec, pctPush, zfsMount } from '../../src/index.ts'
import { parsePolicy } from '../../src/policy/load.ts'
import { inputJsonSchema, policyJsonSchema } from '../../src/render/schema.ts'
import { deciderOf } from '../support/decider.ts'
import { isValid } from '../support/json-schema.ts'
import { grantText, policyFile, policyText, shipped } from '../support/policies.ts'

t.test('the schema of policies takes the shipped ones, variables and all', async t => {
  const schema = await policyJsonSchema()
  for (const name of ['appstore', 'pgd']) t.ok(isValid(schema, parse(readFileSync(policyFile(name), 'utf8'))), name)
})

t.test('the schema of policies and the reader agree', async t => {
  const schema = await policyJsonSchema()
  for (const [text, valid] of [
    [policyText(), true],
    [policyText({ principal: '{ group: a }', more: 'runAs: daemon' }), true],
    [policyText({ more: 'variables: { a: tank }', grants: grantText('zfs.mount', '{ base: "{a}/b" }') }), true],
    [policyText({ grants: grantText('zfs.mount', '{ base: { dataset: tank, depth: 2 } }') }), true],
    [policyText({ name: 'A' }), false],
    [policyText({ principal: '{}' }), false],
    [policyText({ principal: '{ user: a, group: b }' }), false],
    [policyText({ principal: '{ group: a, service: true }' }), false],
    [policyText({ more: 'colour: red' }), false],
    [policyText({ grants: grantText('pct.exec', '{}') }), false],
    [policyText({ grants: grantText('pct.exec', '{ vmid: 1 }') }), false],
    [policyText({ grants: grantText('pct.exec', '{ base: tank }') }), false],
    [policyText({ grants: grantText('zfs.frobnicate', '{ base: tank }') }), false],
    [policyText({ grants: grantText('zfs.mount', '{ base: tank }', '0s') }), false],
    [policyText({ grants: '  []' }), false],
  ] as const) {
    t.equal(isValid(schema, parse(text)), valid, text)
    t.equal(
      await parsePolicy(text).then(
        () => true,
        () => false,
      ),
      valid,
      'the reader',
    )
  }
})

t.test('the schema of inputs and the decision agree', async t => {
  const policies = { appstore: await shipped('appstore'), pgd: await shipped('pgd') }
  const push = { vmid: 20_001, content: 'aGk=', destination: '/etc/a' }
  const inputs: readonly (readonly [keyof typeof policies, { readonly id: string }, object])[] = [
    ...[['ls'], [], ['-x'], ['ls', 'a b'], ['ls', 'a\n'], ['ls', 1], 'ls'].map(
      command => ['appstore', pctExec, { vmid: 20_001, command }] as const,
    ),
    ...[19_999, 20_000, 20_999, 21_000, 20_000.5, '20001'].map(
      vmid => ['appstore', pctExec, { vmid, command: ['ls'] }] as const,
    ),
    ...['/a', 'a', '/..', '/a/b.c', '/a/', ''].map(
      destination => ['appstore', pctPush, { ...push, destination }] as const,
    ),
    ...[{ perms: '0644' }, { perms: '4755' }, { user: 'root' }, { user: 0 }, { more: 1 }].map(
      more => ['appstore', pctPush, { ...push, ...more }] as const,
    ),
    ...['tank/pgd/databases/a/b', 'tank/pgd/databases', 'tank/other', '/etc'].map(
      dataset => ['pgd', zfsMount, { dataset }] as const,
    ),
  ]
  for (const [name, command, input] of inputs) {
    const { id } = command
    const schema = (await inputJsonSchema(policies[name])) as { anyOf: { title: string }[] }
    const own = schema.anyOf.find(({ title }) => title === `${name}/${id}`) ?? {}
    // In JSON, content is base64; the library takes the bytes.
    const bytes = 'content' in input ? { ...input, content: Buffer.from(String(input.content), 'base64') } : input
    const decision = deciderOf(policies[name])(command as Command, bytes)
    t.equal(isValid(own, input), decision.allowed, `${id} ${JSON.stringify(input)}`)
  }
})
