import { insideSamples, outsideSamples, type Rule, type Sample } from '../samples/rule.ts'
import type { RuleSet } from './rule-set.ts'

/** One sample whose answer changes. */
export interface ChangedSample {
  readonly command: string
  /** Fields that make the difference; empty when the command as a whole is granted or withdrawn. */
  readonly fields: readonly string[]
  readonly change: 'allowed' | 'refused'
  readonly argv: string
}

/** A setting that changes. */
export interface ChangedSetting {
  readonly what: string
  readonly old: string
  readonly new: string
}

/** Everything that differs between two sets of rules. */
export interface Difference {
  readonly samples: readonly ChangedSample[]
  readonly settings: readonly ChangedSetting[]
  /** Rules whose texts differ though no sample tells them apart, and lines that cannot be compared. */
  readonly remarks: readonly string[]
}

/** Asks both sets about samples of both: the corners of every rule, and what is just outside. */
export function compare(before: RuleSet, after: RuleSet): Difference {
  const all = new Map<string, Sample & { command: string }>()
  for (const rule of [...before.rules, ...after.rules]) {
    for (const sample of [...insideSamples(rule), ...outsideSamples(rule)]) {
      const key = `${sample.executable} ${sample.joined}`
      if (!all.has(key)) all.set(key, { ...sample, command: rule.command })
    }
  }
  const samples: ChangedSample[] = []
  for (const [argv, sample] of all) {
    const [was, is] = [allows(before, sample), allows(after, sample)]
    if (was === is) continue
    const fields = blame(is ? before : after, sample)
    samples.push({ command: sample.command, fields, change: is ? 'allowed' : 'refused', argv })
  }
  return { samples, settings: settings(before, after), remarks: remarks(before, after, samples) }
}

const allows = ({ rules }: RuleSet, { executable, joined }: Sample): boolean =>
  rules.some(rule => rule.executable === executable && rule.matches(joined))

/** The fields for which the set that refuses a sample does so: those of the rule that comes closest. */
function blame({ rules }: RuleSet, sample: Sample & { command: string }): string[] {
  const candidates = rules.filter(rule => rule.command === sample.command).map(rule => failing(rule, sample))
  return candidates.toSorted((a, b) => a.length - b.length)[0] ?? []
}

function failing({ segments }: Rule, { texts }: Sample): string[] {
  if (segments.length !== texts.length) return ['command']
  const fields = segments.map(({ field, source }, at) =>
    field !== undefined && !new RegExp(`^(?:${source})$`).test(texts[at] ?? '') ? field : '',
  )
  return [...new Set(fields.filter(field => field !== ''))]
}

function settings(before: RuleSet, after: RuleSet): ChangedSetting[] {
  const list = [
    ...timeLimits(before, after),
    { what: 'principal', old: before.principals.join(', '), new: after.principals.join(', ') },
    { what: 'run as', old: before.runAs.join(', '), new: after.runAs.join(', ') },
    { what: 'defaults', old: only(before.defaults, after.defaults), new: only(after.defaults, before.defaults) },
  ]
  return list.filter(setting => setting.old !== setting.new)
}

function timeLimits(before: RuleSet, after: RuleSet): ChangedSetting[] {
  const limits = ({ rules }: RuleSet, command: string) =>
    rules
      .filter(rule => rule.command === command)
      .map(({ timeout }) => (timeout === undefined ? 'none' : `${timeout} s`))
  const commands = new Set(before.rules.map(rule => rule.command))
  return [...commands]
    .filter(command => after.rules.some(rule => rule.command === command))
    .map(command => ({
      what: `time limit of ${command}`,
      old: limits(before, command).join(', '),
      new: limits(after, command).join(', '),
    }))
}

const only = (lines: readonly string[], others: readonly string[]): string =>
  lines.filter(line => !others.includes(line)).join('\n')

function remarks(before: RuleSet, after: RuleSet, samples: readonly ChangedSample[]): string[] {
  const sources = ({ rules }: RuleSet, command: string) =>
    rules
      .filter(rule => rule.command === command)
      .map(rule => rule.source)
      .toSorted()
      .join('\n')
  const commands = new Set([...before.rules, ...after.rules].map(rule => rule.command))
  const silent = [...commands].filter(
    command =>
      sources(before, command) !== sources(after, command) && !samples.some(sample => sample.command === command),
  )
  return [
    ...silent.map(command => `the rule of ${command} is written differently, but no sample tells the two apart`),
    ...[...before.foreign, ...after.foreign].map(({ line, text }) => `line ${line} cannot be compared: ${text}`),
  ]
}
