import type { Zod } from '../argument/type.ts'
import type { Command } from '../command/command.ts'
import { boundsOf } from './bounds.ts'
import { limitsSchema } from './limits.ts'
import { settingsIn, settingsOf } from './settings.ts'

/** Names end up in sudoers aliases, markers and paths, hence the narrow set; two _ would meet an alias of another. */
const name = /^(?=.{1,31}$)[a-z][a-z0-9]*(_[a-z0-9]+)*$/
/** It stands in comments of rendered files, so nothing that ends or continues a line. */
const oneLine = /^[A-Za-z0-9 ,.;:()'_/+-]{1,200}$/
/** `sudoedit` is the one keyword of sudoers in lower case that no name may be. */
const accountName = /^(?!sudoedit$)[a-z_][a-z0-9_-]{0,31}$/

/** Schema of a policy file, for the commands that a policy may grant. It refuses unknown keys. */
export function policySchema(z: Zod, commands: readonly Command[]) {
  const account = z.string().regex(accountName, 'the name of an account is needed')
  const grants = commands.map(command =>
    z
      .strictObject({
        command: z.literal(command.id),
        where: boundsOf(z, command),
        ...(settingsIn(command).length > 0 ? { guard: guardSchema(z, command) } : {}),
        timeout: z
          .string()
          .regex(/^([1-9][0-9]{0,4})[smh]$/, 'a time such as 30s, 15m or 2h is needed')
          .describe('Time limit of one operation: seconds, minutes or hours, such as 30s, 15m or 2h; at most 24h'),
      })
      .describe(command.summary),
  )
  return z
    .strictObject({
      $schema: z.string().optional(),
      policy: z
        .string()
        .regex(name, 'a name of lower-case letters, digits and _ is needed')
        .describe('Name of the policy: lower-case letters, digits, _'),
      summary: z
        .string()
        .regex(oneLine, 'one line of at most 200 plain characters is needed')
        .describe('One line for administrators'),
      principal: z
        .union([
          z.strictObject({
            user: account.describe('The account'),
            service: z
              .boolean()
              .optional()
              .describe('The account is a service with no login and no other sudo rules, so sudo logs what it refuses'),
          }),
          z.strictObject({ group: account.describe('The group; its members are the principals') }),
        ])
        .describe('Who may use this policy: a user, or the members of a group'),
      runAs: account.default('root').describe('Account that the commands run as'),
      transport: z
        .enum(['sudo', 'daemon', 'portable'])
        .default('sudo')
        .describe(
          'How an authorised argv becomes a process: by rules of sudo, by the root-side broker, or by that started through sudo for each request',
        ),
      limits: limitsSchema(z).optional(),
      audit: z
        .strictObject({
          file: z
            .string()
            .regex(/^(\/|\{state\}\/)[^\0]*$/, 'an absolute path is needed, or one below {state}/')
            .describe(
              'Audit file: an absolute path, or with the transport `sudo` below {state}, the XDG state directory of the caller',
            ),
        })
        .describe('Where the records of this policy go'),
      variables: z
        .record(
          z.string().regex(name),
          z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, 'letters, digits, _ and - are needed'),
        )
        .default({})
        .describe('Values for {name} in bounds'),
      grants: z
        .array(z.discriminatedUnion('command', grants as never))
        .min(1)
        .describe('What the principal may do'),
    })
    .describe('A privexec policy: one principal, and the privileged commands that it may run')
}

/** Whether it may, must or must not be there depends on the transport, which the schema of one grant does not see. */
const guardSchema = (z: Zod, command: Command) =>
  settingsOf(z, command)
    .optional()
    .describe('Settings of the guards of the command; with the transports `daemon` and `portable` only')
