import { readFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { z } from 'zod'
import { type Command, catalogue } from '../../src/index.ts'
import { toJson } from '../../src/policy/json.ts'
import { parsePolicy, policyJson } from '../../src/policy/load.ts'
import { policyOf } from '../../src/policy/read.ts'
import { policyFile, policyText } from '../support/policies.ts'
import { holds } from '../support/property.ts'

const commands = catalogue as readonly Command[]

/** What root makes of NAME.json, and the problems that it found. */
function readBack(json: string) {
  const problems: string[] = []
  const report = (path: readonly (string | number)[], message: string) => problems.push(`${path.join('.')}: ${message}`)
  return { policy: policyOf(z, JSON.parse(json), { commands, report }), problems }
}

t.test('root reads from the JSON the policy that people wrote in YAML', async t => {
  for (const text of [
    ...(await Promise.all(['appstore', 'pgd'].map(name => readFile(policyFile(name), 'utf8')))),
    policyText({
      more: 'transport: daemon\nlimits: { queue: 3 }\nvariables: { p: store }',
      grants: '  - { command: pct.push, where: { vmid: 200-300 }, guard: { pool: "app{p}" }, timeout: 5m }',
    }),
  ]) {
    const json = await policyJson(text)
    t.notMatch(json, /variables|\$schema|[{]pool[}]|[{]p[}]/)
    const { policy, problems } = readBack(json)
    t.strictSame(problems, [])
    const { hash, limits, grants } = await parsePolicy(text)
    t.equal(policy?.hash, hash)
    t.strictSame(policy?.limits, limits)
    t.strictSame(
      policy?.grants.map(({ settings, where }) => [settings, where]),
      grants.map(({ settings, where }) => [settings, where]),
    )
    t.notOk(Object.hasOwn(policy ?? {}, 'source'))
    const from = policyOf(z, JSON.parse(json), { commands, source: '/etc/a.json', report: () => {} })
    t.equal(from?.source, '/etc/a.json')
  }
})

t.test('only a policy without problems becomes JSON', async t => {
  await t.rejects(policyJson(policyText({ more: 'colour: red' }), { source: 'p' }), {
    code: 'PRIVEXEC_POLICY_INVALID',
    message: /^p:5:\d+: colour: there is no such key/,
  })
  await t.rejects(policyJson('x'), { code: 'PRIVEXEC_POLICY_INVALID' })
})

t.test('a value that is no policy is reported and is none', async t => {
  const good = JSON.parse(await policyJson(policyText())) as Record<string, unknown>
  for (const [value, problem] of [
    [null, /^: /],
    ['policy', /^: /],
    [[], /^: /],
    [{ ...good, colour: 'red' }, /^colour: there is no such key/],
    [{ ...good, policy: 'A\u001b' }, /^policy: .*, not "A\\u\{001b\}"$/],
    [{ ...good, summary: null }, /^summary: .*, not null$/],
    [{ ...good, summary: {} }, /^summary: (?!.*, not )/],
    [{ ...good, transport: 'daemon' }, /^grants\.0\.guard: .* needs guard\.pool/],
    [{ ...good, grants: [{ command: 'pct.exec', where: { vmid: '300-200' }, timeout: '1s' }] }, /where\.vmid: /],
    [{ ...good, grants: [{ command: 'zfs.mount', where: { base: '{pool}' }, timeout: '1s' }] }, /where\.base: /],
    [JSON.parse('{"__proto__":{"policy":"a"}}'), /__proto__: there is no such key/],
  ] as const) {
    const { policy, problems } = readBack(JSON.stringify(value))
    t.equal(policy, undefined)
    t.ok(
      problems.some(text => problem.test(text)),
      problems.join('\n'),
    )
  }
})

t.test('the same value is the same bytes, whatever the order of its keys', async t => {
  const value = fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true })
  const turned = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(turned)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, item]) => [key, turned(item)]),
    )
  }
  await holds(
    t,
    fc.property(value, value => {
      const text = toJson(value)
      const { variables: _v, $schema: _s, ...rest } = value
      return (
        text === toJson(turned(value)) &&
        text.endsWith('}\n') &&
        toJson(JSON.parse(text)) === text &&
        isDeepStrictEqual(JSON.parse(text), JSON.parse(JSON.stringify(rest)))
      )
    }),
  )
  t.equal(
    toJson({ b: 1, a: [{ d: 1, c: 'x' }] }),
    '{\n  "a": [\n    {\n      "c": "x",\n      "d": 1\n    }\n  ],\n  "b": 1\n}\n',
  )
})
