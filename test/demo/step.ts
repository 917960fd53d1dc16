import { styleText } from 'node:util'

/** One thing that the demo did, as both forms of output need it. */
export interface Step {
  /** Heading under which it stands; a new one is printed when it changes. */
  readonly part: string
  readonly title: string
  /** The whole command line; text output shortens it. */
  readonly argv?: readonly string[]
  /** What came out, line by line. */
  readonly lines: readonly string[]
  /** Wall time in milliseconds. */
  readonly ms?: number
  /** Whether it went as it should: for an attack, that it was refused. */
  readonly ok: boolean
  /** Set on every step that no real sudo, container or dataset took part in. */
  readonly standIn?: true
}

export type Report = (step: Step) => void

/** What was reported so far: the count of steps, and of those that did not go as they should. */
export interface Tally {
  steps: number
  failures: number
}

/** A reader that has seen enough, such as head(1), stops no run in its middle: what was begun is cleaned up. */
export function ignoreClosedPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

/** Prints steps, as text for people or as one line of JSON each, and counts them. */
export function printer(isJson: boolean, tally: Tally, write = toStdout): Report {
  let part: string | undefined
  return step => {
    tally.steps += 1
    if (!step.ok) tally.failures += 1
    if (isJson) {
      write(`${JSON.stringify({ step: tally.steps, ...step })}\n`)
      return
    }
    if (step.part !== part) write(`\n${styleText('bold', step.part)}\n`)
    part = step.part
    write(describe(step))
  }
}

const toStdout = (text: string): void => void process.stdout.write(text)

function describe({ title, argv, lines, ms, ok, standIn }: Step): string {
  const sign = ok ? styleText('green', 'ok') : styleText('red', 'WRONG')
  const time = ms === undefined ? '' : styleText('dim', ` (${Math.round(ms)} ms)`)
  const text = [`  ${sign}  ${standIn ? '[stand-in] ' : ''}${title}${time}`]
  if (argv !== undefined) text.push(styleText('dim', `      $ ${shorten(argv)}`))
  for (const line of lines) text.push(`      ${line}`)
  return `${text.join('\n')}\n`
}

const plain = /^[A-Za-z0-9_./:=@%,+-]+$/

/** A command line that fits a terminal: no directories of programs, no namespace option, ids cut; quoted for reading. */
export const shorten = (argv: readonly string[]): string =>
  argv
    .filter(word => word !== '--mount=/proc/1/ns/mnt')
    .map(word => word.replace(/^\/usr\/s?bin\/(?=[a-z]+$)/, ''))
    .map(word => word.replace(/([0-9a-f]{6})[0-9a-f]{26}$/, '$1...'))
    .map(word => (plain.test(word) ? word : JSON.stringify(word)))
    .join(' ')
