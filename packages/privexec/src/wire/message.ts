import type { z } from 'zod'
import type { Zod } from '../argument/type.ts'
import { type ErrorCode, errorRegistry } from '../errors/registry.ts'
import { longestTimeout } from '../policy/assemble.ts'

/** The version of the protocol; one that root does not speak is refused. */
export const protocolVersion = 1

/** Columns and rows of a terminal, 1 to 1,000 each. */
export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

/** The messages of the protocol that are JSON, by the name of their frame. Every object is strict. */
export function messageSchemas(zod: Zod) {
  const size = zod.strictObject({
    columns: zod.number().int().min(1).max(1000).describe('Columns of the terminal'),
    rows: zod.number().int().min(1).max(1000).describe('Rows of the terminal'),
  })
  const operation = zod.string().regex(/^[0-9a-f]{32}$/)
  const code = zod.enum(Object.keys(errorRegistry) as [ErrorCode, ...ErrorCode[]])
  const text = zod.string().max(longestText)
  return {
    request: zod.strictObject({
      protocol: zod.literal(protocolVersion).describe('Version of the protocol'),
      command: zod
        .string()
        .regex(/^[a-z]+\.[a-z]+$/)
        .describe('Command of the catalogue, such as pct.exec'),
      input: zod
        .record(zod.string(), zod.unknown())
        .describe('Fields of the command without content to push, which follows as input frames'),
      stdin: zod.boolean().optional().describe('Standard input follows as input frames; otherwise it is empty'),
      timeout: zod
        .number()
        .positive()
        .max(longestTimeout * 1000)
        .optional()
        .describe('Milliseconds; the time limit of the policy counts when it is shorter. Waiting counts too'),
      terminal: size.optional().describe('Run on a new terminal of this size, with its output on stdout'),
      caller: zod
        .strictObject({
          id: text.optional().describe('Any text that names the person for good'),
          name: text.optional().describe('Name for people'),
        })
        .optional()
        .describe('The person on whose behalf this is asked, for the audit record; nobody checks it'),
    }),
    resize: size,
    accepted: zod.strictObject({ operation: operation.describe('Operation id, `event.id` of the audit records') }),
    started: zod.strictObject({ argv: zod.array(zod.string()).describe('What root started, the program first') }),
    outcome: zod.strictObject({
      exitCode: zod.number().int().min(0).max(255).optional().describe('Exit status of the program'),
      signal: zod.string().optional().describe('Name of the signal that ended it'),
      interruption: zod
        .enum(['timedOut', 'cancelled', 'stopped'])
        .optional()
        .describe('Why root ended it: its time limit, its caller, or the end of the broker'),
      lost: text.optional().describe('Why there is no exit status'),
      missing: text.optional().describe('The program that is not installed'),
      ended: zod.boolean().describe('Whether nothing that root started is left'),
      recorded: zod.boolean().describe('Whether the outcome stands in the audit file'),
    }),
    refused: zod.strictObject({
      code: code.describe('Error code, one of those below'),
      message: zod.string().describe('What is wrong, for people'),
      field: zod.string().optional().describe('Field of the input that is wrong'),
      operation: operation.optional().describe('Operation id of the audit record, where there is one'),
    }),
  }
}

/** Characters of a text that only people read. */
const longestText = 4096

type Schemas = ReturnType<typeof messageSchemas>

/** A message by the name of its frame. */
export type Message<Name extends keyof Schemas> = z.infer<Schemas[Name]>

/** What a client asks. */
export type Request = Message<'request'>
/** How an operation ended. */
export type Outcome = Message<'outcome'>
/** Why nothing was run. */
export type Refusal = Message<'refused'>
