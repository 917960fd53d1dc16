import type { Policy } from '../../policy/policy.ts'
import { callPath } from '../../transport/portable/path.ts'
import { ruleSetOf, type TimedRule } from '../diff/rule-set.ts'
import { argvOf, insideSamples, outsideSamples } from '../samples/rule.ts'
import { colour, shown } from '../style.ts'
import { askSudo, type SudoAnswer } from '../sudo/may.ts'

/** What sudo was asked after the installation, and whether it answered as the policy says. */
export interface Confirmation {
  readonly policy: string
  readonly argv: readonly string[]
  readonly expected: 'allowed' | 'refused'
  readonly answer: SudoAnswer
  /** Undefined where sudo could not be asked. */
  readonly agrees: boolean | undefined
}

/** Asks the real sudo for one sample that the policy allows and one that it refuses by a hair; a socket has no sudo. */
export async function confirm(policy: Policy): Promise<Confirmation[]> {
  if (policy.transport === 'daemon') return []
  const { rules } = ruleSetOf(policy)
  const allowed = rules.flatMap(insideSamples)[0]
  const refused = rules
    .flatMap(outsideSamples)
    .find(({ joined }) => !rules.some((rule: TimedRule) => rule.matches(joined)))
  const ask = async (argv: string[], expected: Confirmation['expected']): Promise<Confirmation> => {
    const answer = await askSudo(policy, argv)
    const agrees = answer.asked ? answer.allowed === (expected === 'allowed') : undefined
    return { policy: policy.name, argv, expected, answer, agrees }
  }
  if (policy.transport === 'portable') {
    const program = callPath(policy.name)
    return [await ask([program], 'allowed'), await ask([program, 'x'], 'refused')]
  }
  return [
    ...(allowed === undefined ? [] : [await ask(argvOf(allowed), 'allowed')]),
    ...(refused === undefined ? [] : [await ask(argvOf(refused), 'refused')]),
  ]
}

/** One answer for people. */
export function showConfirmation({ argv, expected, answer, agrees }: Confirmation): string {
  const command = shown(argv.join(' '), 240)
  if (!answer.asked) return `${colour('yellow', 'not asked')}  ${answer.why}`
  const verdict = `sudo ${answer.allowed ? 'allows' : 'refuses'} ${answer.user}: ${command}`
  if (agrees) return `${colour('green', 'as it should')}  ${verdict}`
  const because = expected === 'refused' ? 'another rule of sudo allows it' : shown(answer.said, 200)
  return `${colour('red', 'WRONG')}  ${verdict}\n  ${because}; privexec doctor names the cause`
}
