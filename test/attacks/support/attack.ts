import t from 'tap'
import { type Row, record } from './row.ts'
import { underOurs, underStars } from './rules.ts'
import { policyText, skip } from './scene.ts'
import { takeTrace } from './trace.ts'

/** Makes an attack, and tells whether it had its effect. */
export type Attempt = () => Promise<boolean>

/** One class of attacks. */
export interface Attack {
  /** `A01`: the name that documents use. */
  readonly id: string
  /** What must not happen, as a sentence; the id is put before it. */
  readonly title: string
  /** How the baseline falls, for the table. */
  readonly shown: string
  /** What stops it in ours, for the table. */
  readonly stoppedBy: string
  /** What is weaker than one would wish, for the table; shown by `stillPossible` where it can be. */
  readonly remains?: string
  /** Against the star rules, or the code, of today's programs: must have its effect. */
  readonly baseline: Attempt
  /** Against ours, by layer: must have none. `library` goes through it, `sudo` around it. */
  readonly ours: Readonly<Partial<Record<Layer, Attempt>>>
  /** The same thing asked for honestly, or by whom it is meant for: must work, so that a refusal means something. */
  readonly honest?: Attempt
  /** What the column "remains" says, shown to be so: must have its effect. */
  readonly stillPossible?: Attempt
  /** Sudoers lines of the baseline instead of the star rules. */
  readonly rules?: string
  /** Sudoers lines for the whole machine, for the baseline and for ours. */
  readonly site?: string
  /** Policies in force; by default those of the repository. */
  readonly policies?: readonly string[]
}

export type Layer = 'library' | 'sudo' | 'definition' | 'audit' | 'staging' | 'root'

/** Tests a class of attacks, first on the baseline and then on ours, and records its row of the table. */
export function attack(is: Attack): void {
  t.test(`${is.id}: ${is.title}`, { skip }, async s => {
    const rules = {
      site: is.site,
      today: is.rules,
      policies: is.policies ?? [policyText('appstore'), policyText('pgd')],
    }
    const check = async (expected: boolean, words: string, attempt: Attempt) => {
      takeTrace()
      const had = await attempt().catch((error: unknown) => error)
      s.equal(had, expected, words)
      if (had !== expected) for (const line of takeTrace()) s.comment(line)
      return had === expected
    }
    const passed = [
      await underStars(rules, () => check(true, 'succeeds on the baseline', is.baseline)),
      await underOurs(rules, async () => {
        const results: boolean[] = []
        if (is.honest) results.push(await check(true, 'the honest request works', is.honest))
        for (const [layer, attempt] of Object.entries(is.ours)) {
          results.push(await check(false, `fails on ours: ${layer}`, attempt))
        }
        if (is.stillPossible) results.push(await check(true, 'what remains is as described', is.stillPossible))
        return results.every(Boolean)
      }),
    ]
    record(rowOf(is, passed.every(Boolean)))
  })
}

const rowOf = ({ id, title, shown, stoppedBy, remains = '', ours }: Attack, passed: boolean): Row => ({
  id,
  title,
  shown,
  stoppedBy,
  remains,
  layers: Object.keys(ours),
  passed,
})
