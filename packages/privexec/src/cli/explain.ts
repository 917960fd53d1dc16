import type { Command } from '../command/command.ts'
import { contentField } from '../command/slots.ts'
import { decider } from '../decide/decide.ts'
import type { Decision } from '../decide/decision.ts'
import { toSudoers } from '../pattern/dialect.ts'
import type { Policy } from '../policy/policy.ts'
import { seconds } from './duration.ts'
import { findPolicy, withRequest } from './find-policy.ts'
import { bytesOf, findCommand, parseInput } from './input.ts'
import { colour, shown } from './style.ts'
import { askSudo, type SudoAnswer } from './sudo/may.ts'
import { verb } from './verb.ts'

/** `privexec explain COMMAND JSON`: exit status 0 allowed, 65 the input is wrong, 77 it is refused. */
export const explain = verb({
  command: 'explain <command> <input>',
  describe: 'Say whether a command may be run, and if not, why; run nothing',
  builder: yargs =>
    withRequest(yargs, 'Input as JSON; content in base64, or left out').example(
      `$0 explain zfs.mount '{"dataset":"tank/x"}' --policy pgd`,
      'Ask the installed policy pgd',
    ),
  run: async ({ command: id, input: text, policy: name }) => {
    const [policy, { z }] = await Promise.all([findPolicy(name), import('zod')])
    const command = findCommand(id)
    const input = await parseInput(text)
    const field = contentField(command.argv)
    // What the content is decides nothing, so one may ask without having it.
    if (field !== undefined) input[field] = input[field] === undefined ? new Uint8Array() : bytesOf(field, input[field])
    const decision = decider(z, policy)(command, input)
    const sudo: SudoAnswer = decision.allowed
      ? await askSudo(policy, decision.argv)
      : { asked: false, why: 'the policy refuses it' }
    const isRefused = sudo.asked && !sudo.allowed
    const exit = decision.allowed ? (isRefused ? 77 : 0) : decision.error.exit
    return { data: dataOf(policy, command, decision, sudo), text: textOf(policy, decision, sudo), exit }
  },
})

function dataOf(policy: Policy, command: Command, decision: Decision, sudo: SudoAnswer) {
  const about = { policy: policy.name, command: command.id, principal: policy.principal, runAs: policy.runAs }
  const rules = policy.grants
    .filter(grant => grant.command.id === command.id)
    .map(grant => ({ grant: grant.id, where: grant.where, timeout: grant.timeout, sudoers: ruleText(grant) }))
  if (decision.allowed) return { allowed: true, ...about, grant: decision.grant.id, argv: decision.argv, rules, sudo }
  const { code, message, field, advice } = decision.error
  return { allowed: false, ...about, code, message, field, advice, rules, sudo }
}

function textOf(policy: Policy, decision: Decision, sudo: SudoAnswer): string {
  const { principal, runAs } = policy
  const who = `${principal.kind} ${principal.name}, as ${runAs}`
  if (!decision.allowed) {
    const { message, advice, code } = decision.error
    const grants = policy.grants.filter(grant => grant.command.id === decision.command.id)
    return [
      `${colour('red', 'refused')} by the policy ${policy.name} (${who})`,
      `  why      ${message}`,
      `  advice   ${advice}. (${code})`,
      ...grants.map(grant => `  rule     ${ruleText(grant)}`),
    ].join('\n')
  }
  const { grant, argv } = decision
  return [
    `${colour('green', 'allowed')} by the policy ${policy.name} (${who}), grant ${grant.id}, at most ${seconds(grant.timeout)}`,
    `  argv     ${argv.map(word => (/^[\w./:=@%+,-]+$/.test(word) ? word : shown(JSON.stringify(word), 400))).join(' ')}`,
    `  rule     ${ruleText(grant)}`,
    `  sudo     ${sudoText(sudo)}`,
  ].join('\n')
}

const ruleText = (grant: Policy['grants'][number]): string =>
  `${grant.command.program.executable} ${toSudoers(grant.pattern)}`

function sudoText(sudo: SudoAnswer): string {
  if (!sudo.asked) return `was not asked: ${sudo.why}`
  if (sudo.allowed) return `allows it to ${sudo.user}`
  const said = sudo.said === '' ? '' : `: ${shown(sudo.said.split('\n').at(-1), 200)}`
  return `${colour('red', 'refuses')} it to ${sudo.user}${said}; is the policy installed? See privexec doctor`
}
