import { createInterface } from 'node:readline/promises'
import { PgdError } from '../errors/error.ts'
import { usage } from './failure.ts'
import type { Common } from './verb.ts'

/**
 * Asks before something is destroyed. Without a terminal, or with `--no-input`, nothing is asked and `--yes` is needed;
 * rejects with `PGD_USAGE` then, and with `PGD_CANCELLED` when the answer is not yes.
 */
export async function confirm({ yes, input }: Pick<Common, 'yes' | 'input'>, question: string): Promise<void> {
  if (yes) return
  if (!input || !process.stdin.isTTY || !process.stderr.isTTY) {
    throw usage(`${question} Nobody can be asked here: give --yes`, 'yes')
  }
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await asking.question(`${question} [y/N] `)
    if (/^y(?:es)?$/i.test(answer.trim())) return
    throw new PgdError('PGD_CANCELLED', 'Nothing was done', { hint: 'Answer yes, or give --yes' })
  } finally {
    asking.close()
  }
}
