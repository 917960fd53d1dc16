import { randomUUID } from 'node:crypto'
import { type Content, stagingDirectory } from '../argument/staged-content.ts'
import type { Zod } from '../argument/type.ts'
import { spellArgv, type Values } from '../command/argv.ts'
import type { Command } from '../command/command.ts'
import { contentField, slotsOf } from '../command/slots.ts'
import { PrivexecError } from '../errors/error.ts'
import type { Grant } from '../policy/grant.ts'
import type { Policy } from '../policy/policy.ts'
import type { Allowed, AuthorisedArgv, Decision } from './decision.ts'
import { type Validator, validator } from './validate.ts'

/** Answers requests against one policy. */
export type Decider = (command: Command, input: unknown) => Decision

/** Compiles a policy to the function that decides: validation and policy bounds in one step, the argv of the result. */
export function decider(zod: Zod, policy: Policy): Decider {
  const grants = policy.grants.map(grant => candidateOf(zod, policy.name, grant))
  const staging = stagingDirectory(policy.name)
  return (command, input) => {
    const operation = randomUUID().replaceAll('-', '')
    const candidates = grants.filter(({ grant }) => grant.command.id === command.id)
    for (const { grant, validator } of candidates) {
      const values = validator.check(input)
      if (values) return allow(policy.name, staging, operation, grant, values)
    }
    return { allowed: false, operation, command, error: refusal(policy, command, input, candidates[0], operation) }
  }
}

/** A grant with what checks its inputs. */
interface Candidate {
  readonly grant: Grant
  readonly validator: Validator
  /** Checks against the types alone, without the bounds of the policy; compiled for the first refusal. */
  anywhere(): Validator
}

function candidateOf(zod: Zod, policy: string, grant: Grant): Candidate {
  let unbounded: Validator | undefined
  const anywhere = () => {
    unbounded ??= validator(
      zod,
      slotsOf(grant.command, policy, (_field, type) => type),
    )
    return unbounded
  }
  return { grant, validator: validator(zod, grant.slots), anywhere }
}

/** The command is the grant's own, whatever else the caller's object of the same id says. */
function allow(policy: string, staging: string, operation: string, grant: Grant, values: Values): Allowed {
  const { command } = grant
  const marker = `${policy}-${operation}`
  const file = `${staging}/${operation}`
  const args = spellArgv(grant.slots, values, { marker, stagedFile: file })
  const argv = [command.program.executable, ...args] as unknown as AuthorisedArgv
  const field = contentField(grant.slots)
  const content = field === undefined ? undefined : (values[field] as Content)
  const staged = content === undefined ? {} : { staged: { file, content } }
  return { allowed: true, operation, marker, command, grant, argv, values, labels: labelsOf(grant, values), ...staged }
}

function labelsOf(grant: Grant, values: Values): Record<string, string | number> {
  const labels: Record<string, string | number> = {}
  for (const slot of grant.slots) {
    if (slot.kind !== 'argument' && slot.kind !== 'option') continue
    const value = values[slot.field]
    if (slot.type.label && value !== undefined) labels[slot.type.label] = value as string | number
  }
  return labels
}

/** Tells a value of the wrong type from one that only this policy does not allow. */
function refusal(
  policy: Policy,
  command: Command,
  input: unknown,
  candidate: Candidate | undefined,
  operation: string,
): PrivexecError {
  const details = { command: command.id, operation }
  if (!candidate) {
    const message = `The policy ${policy.name} does not grant ${command.id}`
    return new PrivexecError('PRIVEXEC_NOT_GRANTED', message, details)
  }
  const { code, field, message } = candidate.validator.explain(input)
  const isBound = candidate.anywhere().check(input) !== undefined
  return new PrivexecError(isBound ? 'PRIVEXEC_OUT_OF_BOUNDS' : code, message, { ...details, field })
}
