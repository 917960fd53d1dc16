import t from 'tap'
import { compare } from '../../../src/cli/diff/compare.ts'
import { readDropIn, ruleSetOf } from '../../../src/cli/diff/rule-set.ts'
import { parsePolicy } from '../../../src/policy/load.ts'
import { renderSudoers } from '../../../src/render/sudoers.ts'
import { policyText } from '../support/cli.ts'

const exec = '- { command: pct.exec'
const push = '- { command: pct.push'
const rules = async (changes: Record<string, string> = {}, name = 'store') =>
  ruleSetOf(await parsePolicy(policyText(changes)), name)
const between = async (before: Record<string, string>, after: Record<string, string>) =>
  compare(await rules(before), await rules(after))

t.test('a policy does not differ from itself, nor from its own drop-in', async t => {
  const nothing = { samples: [], settings: [], remarks: [] }
  t.same(await between({}, {}), nothing)
  const policy = await parsePolicy(policyText())
  t.same(compare(readDropIn(renderSudoers(policy)), ruleSetOf(policy)), nothing)
})

t.test('every bound that changes shows in samples of its field', async t => {
  const changes: [string, string, string, string][] = [
    ['vmid', exec, '- { command: pct.exec, where: { vmid: 20000-20998 }, timeout: 10m }', 'refused'],
    ['vmid', exec, '- { command: pct.exec, where: { vmid: 19999-20999 }, timeout: 10m }', 'allowed'],
    [
      'destination',
      push,
      '- { command: pct.push, where: { vmid: 20000-20999, below: [/opt, /srv] }, timeout: 1m }',
      'allowed',
    ],
    [
      'destination',
      push,
      '- { command: pct.push, where: { vmid: 20000-20999, below: [/opt/app] }, timeout: 1m }',
      'refused',
    ],
  ]
  for (const [field, line, changed, change] of changes) {
    const { samples, settings } = await between({}, { [line]: `  ${changed}` })
    t.ok(samples.length > 0, changed)
    for (const sample of samples) t.match(sample, { change, fields: [field] }, sample.argv.slice(0, 160))
    t.same(settings, [])
  }
})

t.test('a command that is withdrawn is refused as a whole', async t => {
  const { samples } = await between({}, { [push]: '' })
  t.ok(samples.length > 0)
  for (const sample of samples) t.match(sample, { command: 'pct.push', change: 'refused', fields: [] })
})

t.test('principal, account and time limits are settings', async t => {
  const { settings } = await between({}, { principal: 'principal: { group: staff }\nrunAs: backup' })
  t.match(
    settings.map(({ what }) => what),
    ['principal', 'run as', 'defaults'],
  )
  t.match(settings[0], { old: 'nobody', new: '%staff' })
})

t.test('lines of an edited drop-in that cannot be compared are shown', async t => {
  const policy = await parsePolicy(policyText())
  const edited = `${renderSudoers(policy)}nobody ALL=(root) NOPASSWD: /bin/sh *\nCmnd_Alias X = /bin/ls ^a.*$\n`
  const { remarks, samples } = compare(readDropIn(edited), ruleSetOf(policy))
  t.match(remarks, [/line \d+ cannot be compared: nobody .*\/bin\/sh/, /line \d+ cannot be compared: Cmnd_Alias X/])
  t.same(samples, [])
})

t.test('an edited pattern in a drop-in is compared by samples', async t => {
  const policy = await parsePolicy(policyText())
  const edited = renderSudoers(policy).replace('20[0-9]{3} --keep', '2[0-9]{4} --keep')
  const { samples } = compare(readDropIn(edited), ruleSetOf(policy))
  t.ok(samples.length > 0)
  for (const sample of samples) t.match(sample, { command: 'pct.exec', change: 'refused', fields: ['vmid'] })
})
