import { isPrivexecError } from '../../errors/error.ts'
import { escapeValue } from '../../errors/escape.ts'
import type { Policy } from '../../policy/policy.ts'
import { renderDropIn } from '../../render/drop-in.ts'
import { systemdFiles } from '../../render/files.ts'
import { defaultNode } from '../../render/units/paths.ts'
import { findPolicy, policyPath, withPolicyFiles } from '../find-policy.ts'
import { colour } from '../style.ts'
import { checkSyntax } from '../sudo/visudo.ts'
import { verb } from '../verb.ts'

/** One thing that is wrong with a policy file. */
interface Problem {
  readonly file: string
  readonly line?: number
  readonly column?: number
  readonly message: string
}

/** What was found out about one file. */
interface Checked {
  readonly file: string
  readonly policy?: Policy
  readonly problems: readonly Problem[]
  /** Whether visudo took the rendered drop-in, or that there is no visudo. */
  readonly visudo: 'ok' | 'refused' | 'not asked' | 'not installed'
}

/** `privexec policy check FILE...`: exit status 1 when there is a problem. */
export const check = verb({
  command: 'check <file..>',
  describe: 'Say what is wrong with policy files, with line and column',
  builder: yargs => withPolicyFiles(yargs).example('$0 policy check policies/*.yaml', 'Check all, as CI does'),
  run: async ({ file }) => {
    const checked = await Promise.all((file as string[]).map(checkOne))
    const all = [...checked, ...sameNames(checked)]
    const problems = all.flatMap(each => each.problems)
    const files = checked.map(({ policy, ...rest }) => ({ ...rest, name: policy?.name, hash: policy?.hash }))
    return {
      data: { ok: problems.length === 0, files, problems },
      text: [...all.flatMap(lines), ...withoutVisudo(checked)].join('\n'),
      exit: problems.length === 0 ? 0 : 1,
    }
  },
})

async function checkOne(name: string): Promise<Checked> {
  const file = policyPath(name)
  let policy: Policy
  try {
    policy = await findPolicy(name)
    // A path that no unit can hold is a fault of the policy.
    systemdFiles(policy, defaultNode)
  } catch (error) {
    if (!isPrivexecError(error) || error.code !== 'PRIVEXEC_POLICY_INVALID') throw error
    return { file, problems: error.message.split('\n').map(line => problemOf(file, line)), visudo: 'not asked' }
  }
  const dropIn = renderDropIn(policy)
  if (dropIn === undefined) return { file, policy, problems: [], visudo: 'not asked' }
  const syntax = await checkSyntax(dropIn)
  if (syntax === undefined) return { file, policy, problems: [], visudo: 'not installed' }
  if (syntax.ok) return { file, policy, problems: [], visudo: 'ok' }
  const message = `visudo refuses the rendered drop-in: ${escapeValue(syntax.said, 400)}`
  return { file, policy, problems: [{ file, message }], visudo: 'refused' }
}

/** The loader writes `file:line:column: message`. */
function problemOf(file: string, text: string): Problem {
  const place = text.startsWith(`${file}:`) ? /^(\d+):(\d+): (.*)$/s.exec(text.slice(file.length + 1)) : null
  if (place === null) return { file, message: text }
  return { file, line: Number(place[1]), column: Number(place[2]), message: place[3] ?? '' }
}

/** Two policies of one name would take each other's drop-in and staging directory. */
function sameNames(checked: readonly Checked[]): Checked[] {
  const first = new Map<string, string>()
  return checked.flatMap(({ file, policy }) => {
    const other = policy && first.get(policy.name)
    if (policy && other === undefined) first.set(policy.name, file)
    if (policy === undefined || other === undefined) return []
    return [
      { file, problems: [{ file, message: `${other} has the same policy name, ${policy.name}` }], visudo: 'not asked' },
    ]
  })
}

function lines({ file, policy, problems, visudo }: Checked): string[] {
  if (problems.length === 0) {
    const asked = visudo === 'ok' ? ', visudo agrees' : ''
    return [`${colour('green', 'ok')} ${file}: policy ${policy?.name}, ${policy?.grants.length} grants${asked}`]
  }
  return problems.map(({ line, column, message }) => {
    const place = line === undefined ? file : `${file}:${line}:${column}`
    return `${place}: ${colour('red', message)}`
  })
}

const withoutVisudo = (checked: readonly Checked[]): string[] =>
  checked.some(({ visudo }) => visudo === 'not installed')
    ? ['note: visudo is not installed here, so no sudo has seen the rendered drop-in']
    : []
