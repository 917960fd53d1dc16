import t from 'tap'
import { scopeOf } from '../../packages/privexec/src/render/sudoers.ts'
import { automatonOfRule, onlyIn } from './automata.ts'
import { joinedLanguage, meanings } from './meaning.ts'
import { compared, rulesIn } from './rules.ts'
import { mistakes } from './wrong.ts'

for (const { policy, sudoers } of compared) {
  const rules = rulesIn(sudoers)

  for (const { id, command } of policy.grants) {
    const rule = rules.get(id) ?? ''
    const meaning = () => joinedLanguage(meanings[id] ?? []).automaton()

    t.test(`${id}: the rule that sudo gets and the documented meaning are one language`, async t => {
      t.equal(onlyIn(automatonOfRule(rule), meaning()), undefined, 'sudo allows nothing more')
      t.equal(onlyIn(meaning(), automatonOfRule(rule)), undefined, 'sudo allows nothing less')
    })

    for (const { name, make } of mistakes.filter(mistake => mistake.command === command.id)) {
      t.test(`${id}: ${name} shows as a difference`, async t => {
        const wrong = make(rule)
        if (/\|x\$$/.test(wrong)) return void t.throws(() => automatonOfRule(wrong), /takes its anchors apart/)
        const found = onlyIn(automatonOfRule(wrong), meaning()) ?? onlyIn(meaning(), automatonOfRule(wrong))
        t.not(found, undefined, 'a text is allowed by one alone')
      })
    }
  }
}

t.test('the settings of a drop-in cover every argv that its rules allow', async t => {
  const scopes = compared.flatMap(({ policy }) => policy.grants.map(grant => [grant.id, scopeOf(grant)] as const))
  for (const { sudoers } of compared) {
    for (const [id, rule] of rulesIn(sudoers)) {
      const scope = new Map(scopes).get(id)
      // A grant without a scope of its own is named itself where the settings are.
      if (scope === undefined) t.match(sudoers, /^Cmnd_Alias (PRIVEXEC_\w+) = \1__END(?:, \1__\d+)+$/m, id)
      else t.equal(onlyIn(automatonOfRule(rule), automatonOfRule(scope.replace(/^\S+ /, ''))), undefined, id)
    }
  }
})

t.test('what JavaScript and POSIX read differently is no rule of the dialect', async t => {
  for (const rule of ['^\\d$', '^.$', '^a*$', '^(?:a)$', '^[^a]$', '^[]a]$', 'a$', '^a', '^a$b$', '^(a|)$']) {
    t.throws(() => automatonOfRule(rule), rule)
  }
})
