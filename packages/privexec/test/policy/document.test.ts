import t from 'tap'
import { parsePolicy } from '../../src/policy/load.ts'
import { grantText, policyText } from '../support/policies.ts'

const grant = '{ command: pct.exec, where: { vmid: 200-300 }, timeout: 1m }'

/** Texts that one reader of YAML takes otherwise than the next, with the words of the refusal. */
const tricks: readonly [what: string, text: string, problem: RegExp][] = [
  ['an alias', policyText({ grants: `  - &a ${grant}\n  - *a` }), /:8:5: a policy has no aliases/],
  ['a bomb of aliases', 'a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]', /no aliases/],
  ['an alias of nothing', policyText({ more: 'a: *nothing' }), /no aliases/],
  ['a merge', policyText({ grants: `  - &a ${grant}\n  - { <<: *a }` }), /no aliases/],
  ['a merge of version 1.1', `%YAML 1.1\n---\n${policyText({ grants: `  - { <<: ${grant} }` })}`, /YAML 1\.2/],
  ['version 1.1', `%YAML 1.1\n---\n${policyText()}`, /:1:1: a policy is YAML 1\.2/],
  ['a tag', policyText({ grants: grantText('pct.exec', '{ vmid: !!binary MjAwLTMwMA== }') }), /no tags/],
  ['a tag that changes nothing', policyText({ summary: '!!str x' }), /no tags/],
  ['a tag of strangers', policyText({ grants: `  - !include ${grant}` }), /Unresolved tag/],
  ['a set', policyText({ more: 'variables: !!set { a }' }), /no tags/],
  ['a key twice', policyText({ more: 'policy: other' }), /:5:1: Map keys must be unique/],
  ['a key twice, spelled twice', policyText({ more: 'variables: { a: x, "\\x61": y }' }), /Map keys must be unique/],
  ['a key that is a list', policyText({ more: '? [a, b]\n: c' }), /a key is a text/],
  ['a key that is a number', policyText({ more: '1: a' }), /a key is a text/],
  ['a key that is nothing', policyText({ more: '~: a' }), /a key is a text/],
  ['a prototype', policyText({ more: '__proto__: { policy: other }' }), /__proto__: there is no such key/],
  ['a constructor', policyText({ more: 'constructor: a' }), /constructor: there is no such key/],
  ['two documents', `${policyText()}---\n${policyText()}`, /multiple documents/],
  ['an unknown directive', `%FOO bar\n---\n${policyText()}`, /Unknown directive/],
  ['no document', '', /:1:1: the policy: /],
  ['a text', 'policy', /the policy: .*expected object/],
  ['a list', '- a', /the policy: .*expected object/],
  ['grants as a map', policyText({ grants: '  a: b' }), /grants: .*expected array/],
  ['depth', `grants: ${'['.repeat(600)}${']'.repeat(600)}`, /grants/],
  ['more depth than a stack has', '['.repeat(20_000), /p:1:/],
]

t.test('what readers of YAML take differently is refused', async t => {
  for (const [what, text, problem] of tricks) {
    const error = await parsePolicy(text, { source: 'p' }).then(
      () => undefined,
      (error: unknown) => error,
    )
    t.match(error, { code: 'PRIVEXEC_POLICY_INVALID', message: problem }, what)
  }
})

t.test('a message shows no control character of the file', async t => {
  for (const text of [
    ...[
      policyText({ more: '"a\\u001b[31m\\nb": 1' }),
      policyText({ more: 'a\u001b: [' }),
      policyText({ more: '\u0007' }),
    ],
    ...[policyText({ name: '"\\u202e"' }), `%F\u001b\n---\n${policyText()}`, policyText({ more: '!\u001b x' })],
  ]) {
    await t.rejects(parsePolicy(text), { code: 'PRIVEXEC_POLICY_INVALID', message: /^[ -~\n]+$/ }, JSON.stringify(text))
  }
})

t.test('however much is wrong, twenty problems are told', async t => {
  const error = await parsePolicy('['.repeat(20_000)).then(
    () => undefined,
    (error: Error) => error,
  )
  t.ok(error && error.message.split('\n').length <= 20)
})
