import t from 'tap'
import { type Row, record, type Side } from './row.ts'
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
  /** What stops it where sudo carries out the operation, for the table. */
  readonly stoppedBy?: string
  /** What is weaker than one would wish there, for the table; shown by `stillPossible` where it can be. */
  readonly remains?: string
  /** Against the star rules, or the code, of today's programs: must have its effect. */
  readonly baseline: Attempt
  /** Against ours, by layer: must have none. `library` goes through it, `sudo` and `daemon` around it. */
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
  /** The same of the root-side broker, whose layer is `daemon`. */
  readonly onDaemon?: OnDaemon
  /** Why the class has no meaning for a transport, which then has no layer. */
  readonly notApplicable?: { readonly sudo?: string; readonly daemon?: string }
}

/** What is said and needed of the root-side broker, beside the attack itself. No rule of sudo is in force then. */
export interface OnDaemon {
  readonly stoppedBy: string
  readonly remains?: string
  readonly honest?: Attempt
  readonly stillPossible?: Attempt
}

export type Layer = 'library' | 'sudo' | 'definition' | 'audit' | 'staging' | 'root' | 'daemon'

/** Tests a class of attacks, first on the baseline and then on ours, and records its row of the table. */
export function attack(is: Attack): void {
  t.test(`${is.id}: ${is.title}`, { skip }, async s => {
    const rules = {
      site: is.site,
      today: is.rules,
      policies: is.policies ?? [policyText('appstore'), policyText('pgd')],
    }
    const check = async (expected: boolean, words: string, attempt: Attempt | undefined) => {
      if (!attempt) return true
      takeTrace()
      const had = await attempt().catch((error: unknown) => error)
      s.equal(had, expected, words)
      if (had !== expected) for (const line of takeTrace()) s.comment(line)
      return had === expected
    }
    const { daemon, ...others } = is.ours
    const whole = async (layers: Attack['ours'], on: Pick<OnDaemon, 'honest' | 'stillPossible'>, where: string) => {
      const results = [await check(true, `the honest request works${where}`, on.honest)]
      for (const [layer, attempt] of Object.entries(layers)) {
        results.push(await check(false, `fails on ours: ${layer}`, attempt))
      }
      results.push(await check(true, `what remains is as described${where}`, on.stillPossible))
      return results.every(Boolean)
    }
    const fell = await underStars(rules, () => check(true, 'succeeds on the baseline', is.baseline))
    const hasSudo = Object.keys(others).length > 0
    const held = !hasSudo || (await underOurs(rules, () => whole(others, is, '')))
    const heldByRoot = !daemon || (await whole({ daemon }, is.onDaemon ?? {}, ' through the root-side broker'))
    record(rowOf(is, hasSudo ? fell && held : undefined, daemon ? fell && heldByRoot : undefined))
  })
}

function rowOf(is: Attack, sudo: boolean | undefined, daemon: boolean | undefined): Row {
  const { id, title, shown, ours, notApplicable = {} } = is
  const side = (passed: boolean | undefined, said: Partial<OnDaemon>, why: string | undefined): Side =>
    passed === undefined
      ? { notApplicable: why ?? '' }
      : { stoppedBy: said.stoppedBy ?? '', remains: said.remains ?? '', passed }
  return {
    id,
    title,
    shown,
    layers: Object.keys(ours),
    sudo: side(sudo, is as Partial<OnDaemon>, notApplicable.sudo),
    daemon: side(daemon, is.onDaemon ?? {}, notApplicable.daemon),
  }
}
