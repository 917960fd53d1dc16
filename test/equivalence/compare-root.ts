import { stagingDirectory } from '../../packages/privexec/src/argument/staged-content.ts'
import { spellArgv, type Values } from '../../packages/privexec/src/command/argv.ts'
import type { Command } from '../../packages/privexec/src/command/command.ts'
import { contentField } from '../../packages/privexec/src/command/slots.ts'
import type { Decision } from '../../packages/privexec/src/decide/decision.ts'
import type { Policy } from '../../packages/privexec/src/index.ts'
import { encodeFrame } from '../../packages/privexec/src/wire/frame.ts'
import { deciderOf } from '../../packages/privexec/test/support/decider.ts'
import { canBeArgv } from './generate.ts'
import { libraryAllowsJoined } from './library.ts'
import type { Oracle } from './oracle.ts'
import { clientPayload, hostilePayload, payloadOf } from './payloads.ts'
import { type Random, randomFrom } from './random.ts'
import { readings } from './readers.ts'
import { type Asked, requests } from './requests.ts'
import { type Answer, noOperation, type RootSide } from './root-side.ts'

/** What a comparison of library, root's side and sudo found. */
export interface RootComparison {
  readonly policy: string
  readonly asked: number
  /** How many all of them allowed. */
  readonly allowed: number
  /** How many payloads root's side does not take, though what a lenient reader sees in them is legal. */
  readonly stricter: number
  /** How many sudo was asked about; a request of wrong types has no argv. */
  readonly spelled: number
  /** How many sudo alone allows, because their joined text is that of a legal argv. */
  readonly moved: number
  /** Everything else on which they differ; must be none. The first ten are kept. */
  readonly disagreements: number
  /** Wall time. */
  readonly seconds: number
  readonly examples: readonly object[]
}

interface Case {
  readonly payload: string
  readonly library: Answer
  readonly root: Answer
  /** Whether the payload is one that a client of ours writes. */
  readonly isPlain: boolean
  /** The library's answer to what another reader sees in the payload. */
  readonly other?: Answer | undefined
  /** What sudo would be given, the executable left out. */
  readonly args?: readonly string[] | undefined
}

const batch = 20_000

/**
 * Asks the library and root's side about generated requests, and sudo or its matcher about the argv that each would be
 * spelled as. One in ten comes as bytes that no client of ours would write: root's side may refuse those as it likes,
 * but what it allows must be what every reader of JSON sees in them.
 */
export async function compareRoot(
  policy: Policy,
  side: RootSide,
  count: number,
  oracle: Oracle,
  seed = 1,
): Promise<RootComparison> {
  const random = randomFrom(seed)
  const generated = requests(policy, random)
  const library = libraryDecision(policy)
  const began = performance.now()
  const found = { policy: policy.name, asked: 0, allowed: 0, stricter: 0, spelled: 0, moved: 0, disagreements: 0 }
  const examples: object[] = []
  const differ = (example: object) => {
    if (++found.disagreements <= 10) examples.push(example)
  }
  while (found.asked < count) {
    const cases: Case[] = []
    while (cases.length < Math.min(batch, count - found.asked)) {
      const { value } = generated.next()
      if (value) cases.push(await caseOf(policy, side, library, value, random))
    }
    const spelled = cases.filter(({ args }) => args !== undefined && canBeArgv(args))
    const answers = await oracle(spelled.map(({ args }) => args ?? []))
    const sudo = new Map(spelled.map((each, index) => [each, answers[index] as boolean]))
    for (const each of cases) {
      const { library, other, root, isPlain, args } = each
      found.asked++
      if (isStricter(each)) found.stricter++
      else if (!isSame(library, root, isPlain)) differ({ payload: each.payload, library, root })
      else if (root.allowed && other && !isSame(other, root, isPlain)) differ({ payload: each.payload, other, root })
      const isMatched = sudo.get(each)
      if (isMatched !== undefined) found.spelled++
      if (root.allowed && library.allowed && isMatched) found.allowed++
      if (isMatched === undefined || isMatched === library.allowed) continue
      if (isMatched && libraryAllowsJoined(policy, args ?? [])) found.moved++
      else differ({ payload: each.payload, library, sudo: isMatched, args })
    }
  }
  return { ...found, seconds: (performance.now() - began) / 1000, examples }
}

async function caseOf(
  policy: Policy,
  side: RootSide,
  library: (asked: Asked) => Decision,
  asked: Asked,
  random: Random,
): Promise<Case> {
  const isPlain = random(10) > 0
  const bytes = isPlain ? undefined : hostilePayload(asked, random)
  const [seen, otherwise] = bytes ? readings(bytes) : [asked]
  const other = otherwise && answerOf(library(otherwise))
  const decision = seen && library(seen)
  const answer: Answer = decision ? answerOf(decision) : { allowed: false }
  const payload = bytes ?? (decision?.allowed ? clientPayload(decision) : payloadOf(asked))
  const root = await side.ask(inPieces(encodeFrame('request', payload), random))
  const args = answer.argv?.slice(1) ?? (seen && spelled(policy, seen))
  return { payload: payload.toString(), library: answer, other, root, isPlain, args }
}

const isStricter = ({ library, root, isPlain }: Case): boolean =>
  !isPlain && library.allowed && root.code === 'PRIVEXEC_PROTOCOL_INVALID'

/** Both allow the same argv, or both refuse, for the same reason unless root's side does not even take the request. */
function isSame(library: Answer, root: Answer, isPlain: boolean): boolean {
  if (library.allowed !== root.allowed) return false
  if (!root.allowed) return !isPlain || root.code === library.code || root.code === 'PRIVEXEC_PROTOCOL_INVALID'
  return root.argv === undefined || root.argv.join('\0') === library.argv?.join('\0')
}

/** The library's decision about a request; the content is there. */
function libraryDecision(policy: Policy): (asked: Asked) => Decision {
  const decide = deciderOf(policy)
  return ({ command, input }) => {
    const grant = policy.grants.find(each => each.command.id === command)
    const field = grant && contentField(grant.slots)
    const isObject = typeof input === 'object' && input !== null && !Array.isArray(input)
    const whole = field && isObject && !Object.hasOwn(input, field) ? { ...input, [field]: new Uint8Array() } : input
    return decide({ id: command } as Command, whole)
  }
}

const answerOf = (decision: Decision): Answer =>
  decision.allowed
    ? { allowed: true, argv: decision.argv.map(text => text.replaceAll(decision.operation, noOperation)) }
    : { allowed: false, code: decision.error.code }

/** The argv of an input that was not checked; undefined when it has none. */
function spelled(policy: Policy, { command, input }: Asked): readonly string[] | undefined {
  const grant = policy.grants.find(each => each.command.id === command)
  if (!grant) return undefined
  const context = {
    marker: `${policy.name}-${noOperation}`,
    stagedFile: `${stagingDirectory(policy.name)}/${noOperation}`,
  }
  try {
    const args = spellArgv(grant.slots, input as Values, context)
    return args.every(arg => typeof arg === 'string') ? args : undefined
  } catch {
    return undefined
  }
}

/** Bytes as they may arrive: mostly at once, sometimes cut anywhere. */
function inPieces(bytes: Buffer, random: Random): Buffer[] {
  if (random(8) > 0) return [bytes]
  const cuts = [random(bytes.length), random(bytes.length), random(6)].sort((a, b) => a - b)
  return [0, ...cuts].map((from, index) => bytes.subarray(from, cuts[index])).filter(({ length }) => length > 0)
}
