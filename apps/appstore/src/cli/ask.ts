import { createInterface } from 'node:readline/promises'
import { AppstoreError } from '../errors/error.ts'
import type { Common } from './verb.ts'

/** Asks before something is done that cannot be undone. Where nobody can be asked, `--yes` is needed. */
export async function confirm({ yes, input }: Pick<Common, 'yes' | 'input'>, question: string): Promise<void> {
  if (yes) return
  if (!input || !process.stdin.isTTY || !process.stderr.isTTY) {
    throw new AppstoreError('APPSTORE_USAGE', `${question} Nobody can be asked here: give --yes`, { field: 'yes' })
  }
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await asking.question(`${question} [y/N] `)
    if (/^y(?:es)?$/i.test(answer.trim())) return
    throw new AppstoreError('APPSTORE_CANCELLED', 'Nothing was done', { hint: 'Answer yes, or give --yes' })
  } finally {
    asking.close()
  }
}

/** Reads a secret: from the terminal without showing it, else the first line of standard input. */
export async function readSecret(prompt: string): Promise<string> {
  const { stdin, stderr } = process
  if (!stdin.isTTY) {
    let text = ''
    for await (const chunk of stdin) text += String(chunk)
    return text.split('\n')[0] ?? ''
  }
  stderr.write(prompt)
  stdin.setRawMode(true)
  let text = ''
  try {
    for await (const chunk of stdin) {
      for (const character of String(chunk)) {
        if (character === '\u0003') throw new AppstoreError('APPSTORE_CANCELLED', 'Nothing was done')
        if (character === '\r' || character === '\n') return text
        text = character === '\u007f' ? text.slice(0, -1) : text + character
      }
    }
    return text
  } finally {
    stdin.setRawMode(false)
    stdin.pause()
    stderr.write('\n')
  }
}
