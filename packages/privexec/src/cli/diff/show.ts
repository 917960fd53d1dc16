import { colour, plain, shown } from '../style.ts'
import type { ChangedSample, Difference } from './compare.ts'

/** Examples of each kind that a person is shown; JSON has all of them. */
const examples = 3

/** A difference for people. */
export function showDifference(name: string, { samples, settings, remarks }: Difference): string {
  if (samples.length + settings.length + remarks.length === 0) return `${name}: no difference`
  const lines = [`${name}:`]
  for (const { what, old, new: now } of settings) lines.push(`  ${what}: ${oneLine(old)} -> ${oneLine(now)}`)
  for (const [title, group] of groups(samples)) {
    lines.push(`  ${title}`)
    lines.push(...showGroup(group, 'allowed', 'green', '+'), ...showGroup(group, 'refused', 'red', '-'))
  }
  return [...lines, ...remarks.map(remark => `  ${shown(remark, 300)}`)].join('\n')
}

function groups(samples: readonly ChangedSample[]): Map<string, ChangedSample[]> {
  const groups = new Map<string, ChangedSample[]>()
  for (const sample of samples) {
    const title = [sample.command, sample.fields.join(' and ')].filter(text => text !== '').join(', ')
    groups.set(title, [...(groups.get(title) ?? []), sample])
  }
  return groups
}

function showGroup(
  group: readonly ChangedSample[],
  change: ChangedSample['change'],
  format: 'red' | 'green',
  sign: string,
) {
  const changed = group.filter(sample => sample.change === change)
  // Of a long list the short ones are those that a person can read.
  const best = changed.length > examples ? changed.toSorted((a, b) => a.argv.length - b.argv.length) : changed
  const lines = best.slice(0, examples).map(({ argv }) => colour(format, `    ${sign} now ${change}: ${brief(argv)}`))
  const rest = changed.length - examples
  return rest > 0 ? [...lines, `      and ${rest} more samples`] : lines
}

/** The id of an operation may be any: one stands for all. */
const brief = (argv: string): string => shown(argv.replace(/-0{32}\b/g, '-ID').replace(/\/0{32}\b/g, '/ID'), 240)

const oneLine = (text: string): string => (text === '' ? '(none)' : plain(text.replaceAll('\n', '; ')))
