import t from 'tap'
import { compare } from './compare.ts'
import { hasCompiler, matcher } from './oracle.ts'
import { compared, rulesIn } from './rules.ts'
import { compareValidator } from './validator.ts'
import { mistakes } from './wrong.ts'

const skip = hasCompiler() ? false : 'needs a C compiler'
const [count, few] = [10_000, 5_000]

for (const { policy, sudoers } of compared) {
  const rules = rulesIn(sudoers)

  for (const { id, command } of policy.grants) {
    t.test(`${id}: an input is valid exactly when the C library matches its argv`, { skip }, async t => {
      const found = await compareValidator(policy, id, count, matcher([...rules.values()]))
      t.match(found, { disagreements: 0, examples: [] })
      t.ok(found.allowed > found.asked / 3 && found.allowed < found.asked, 'both answers were given often')
    })

    for (const { name, make } of mistakes.filter(mistake => mistake.command === command.id)) {
      t.test(`${id}: ${name} is found with argvs and with inputs`, { skip }, async t => {
        const wrong = matcher([make(rules.get(id) ?? '')])
        t.ok((await compare(policy, id, few, wrong)).disagreements > 0, 'with argvs')
        t.ok((await compareValidator(policy, id, few, wrong)).disagreements > 0, 'with inputs')
      })
    }
  }
}
