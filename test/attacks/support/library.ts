import { join } from 'node:path'
import { type RunOptions, runAs } from '../../host/service.ts'
import type { Answer, Request, Session } from './client.ts'
import { policyText, root } from './scene.ts'
import { trace } from './trace.ts'

/** How a client runs, beside what it asks. */
export type ClientOptions = Pick<RunOptions, 'env' | 'cwd'> &
  Partial<Pick<Session, 'policy' | 'audit'>> & {
    /** Put before the client's own argv: a program that changes what it inherits. */
    readonly before?: readonly string[]
  }

/**
 * Asks the library as an account in its read-only namespace: one client process for all requests. When the broker itself
 * cannot be made, the only answer is its error.
 */
export async function library(
  user: 'appstore' | 'alice' | 'mallory',
  requests: readonly Request[],
  options: ClientOptions = {},
): Promise<readonly Answer[]> {
  const {
    policy = policyText(user === 'appstore' ? 'appstore' : 'pgd'),
    audit,
    cwd = root,
    env = {},
    before = [],
  } = options
  const session: Session = { policy, requests, ...(audit ? { audit } : {}) }
  const script = join(import.meta.dirname, 'client.ts')
  const argv = [...before, process.execPath, script]
  const run = await runAs(user, argv, { cwd, env, input: JSON.stringify(session), timeout: 120_000 })
  const lines = run.stdout.split('\n').filter(line => line !== '')
  if (lines.length === 0) throw new Error(`the client gave no answer: ${JSON.stringify(run)}`)
  const answers = lines.map(line => JSON.parse(line) as Answer)
  for (const [index, answer] of answers.entries()) trace({ request: requests[index], answer })
  return answers
}

export const exec = (command: readonly unknown[], more: object = {}, vmid: unknown = 20001): Request => ({
  command: 'pct.exec',
  input: { vmid, command },
  ...more,
})

export const push = (destination: unknown, content: string, more: object = {}): Request => ({
  command: 'pct.push',
  input: { vmid: 20001, destination, ...more },
  content,
})

/** Whether any of the requests was let through to sudo, whatever came of it. */
export const reachedSudo = (answers: readonly Answer[]): boolean =>
  answers.some(
    ({ code }) =>
      !['PRIVEXEC_ARGUMENT_INVALID', 'PRIVEXEC_OUT_OF_BOUNDS', 'PRIVEXEC_NOT_GRANTED'].includes(String(code)),
  )
