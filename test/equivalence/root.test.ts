import t from 'tap'
import { toJson } from '../../packages/privexec/src/policy/json.ts'
import { compareRoot } from './compare-root.ts'
import { hasCompiler, matcher } from './oracle.ts'
import { rootPolicyText, rootSide } from './root-side.ts'
import { compared, rulesIn } from './rules.ts'

const skip = hasCompiler() ? false : 'needs a C compiler'
const [count, few] = [10_000, 1000]

interface PolicyData {
  readonly grants: readonly { readonly where: Readonly<Record<string, unknown>> }[]
}

/** A grant with another bound. */
const bounded =
  (where: Readonly<Record<string, unknown>>) =>
  (grants: PolicyData['grants']): PolicyData['grants'] =>
    grants.map((grant, index) => (index === 0 ? { ...grant, where } : grant))

/** Policies of root's side that are not those of the library. */
const mistakes = [
  { policy: 'appstore', what: 'a range that is one too long', make: bounded({ vmid: '20000-21000' }) },
  { policy: 'appstore', what: 'a range that is one too short', make: bounded({ vmid: '20001-20999' }) },
  { policy: 'pgd', what: 'a base that is higher', make: bounded({ base: 'tank/pgd' }) },
  ...['appstore', 'pgd'].map(policy => ({
    policy,
    what: 'a command too few',
    make: (grants: PolicyData['grants']) => grants.slice(1),
  })),
]

for (const each of compared) {
  const { policy, sudoers } = each
  const { name } = policy
  const oracle = matcher([...rulesIn(sudoers).values()])

  t.test(`${name}: library, root's side and sudo's matcher agree on ${count} requests`, { skip }, async t => {
    const found = await compareRoot(policy, rootSide(await rootPolicyText(each)), count, oracle)
    t.match(found, { asked: count, disagreements: 0, examples: [] })
    t.ok(found.allowed > count / 3 && found.allowed < count / 1.5, 'both answers were given often')
    t.ok(found.spelled > count / 2, 'most have an argv that sudo is asked about')
    t.ok(found.stricter > 0, 'bytes were refused in which a lenient reader sees a legal request')
  })

  const wrong = mistakes.filter(({ policy }) => policy === name)
  for (const { what, make } of wrong) {
    t.test(`${name}: ${what}, on root's side alone, is found`, { skip }, async t => {
      const data = JSON.parse(await rootPolicyText(each)) as PolicyData
      const text = toJson({ ...data, grants: make(data.grants) })
      const { disagreements } = await compareRoot(policy, rootSide(text), few, oracle)
      t.ok(disagreements > 0)
    })
  }
}
