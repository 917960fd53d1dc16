import t from 'tap'
import { compare } from './compare.ts'
import { hasCompiler, matcher } from './oracle.ts'
import { compared, rulesIn } from './rules.ts'

const skip = hasCompiler() ? false : 'needs a C compiler'
const usual = 100_000

for (const { policy, sudoers } of compared) {
  const rules = rulesIn(sudoers)
  const ids = policy.grants.map(({ id }) => id)
  t.strictSame([...rules.keys()], ids, `the rules of ${policy.name} are all read back`)

  // A dozen grants of one kind have less to show each; automata compare all of their texts.
  const count = ids.length > 2 ? usual / 5 : usual
  for (const id of ids) {
    t.test(`${id}: library and C library agree on ${count} argvs`, { skip, timeout: 110_000 }, async t => {
      const found = await compare(policy, id, count, matcher([...rules.values()]))
      t.match(found, { asked: count, disagreements: 0, examples: [] })
      t.ok(found.allowed > count / 3 && found.allowed < count, 'both answers were given often')
    })
  }
}
