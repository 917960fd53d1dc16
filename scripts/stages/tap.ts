/** What the tests of one stage came to; assertions count, not files. */
export interface Count {
  passed: number
  failed: number
  skipped: number
}

const summary = /^# \{ total: \d+(?<rest>(?:, \w+: \d+)*) \}$/
const protocol = /^(?:TAP version|Bail out!|\d+\.\.\d+|# (?:Subtest|time=|No coverage)|pragma|(?:not )?ok\b)/
const yamlStart = /^( *) {2}---$/

/**
 * Reads the output of tap(1) (TAP 14) line by line: shows one line a file, everything of a failure, the reason of what is
 * skipped, and the lines of others as they are. The rest of a long run nobody reads.
 */
export class TapReader {
  readonly count: Count = { passed: 0, failed: 0, skipped: 0 }
  /** Whether a summary was seen: without one nobody knows what the tests did. */
  isComplete = false
  readonly #show: (line: string) => void
  #titles: string[] = []
  /** Indentation of the diagnostics that are being read, and whether they are of a failure. */
  #yaml: { readonly end: string; readonly isShown: boolean } | undefined
  #failure = false

  constructor(show: (line: string) => void) {
    this.#show = show
  }

  push(line: string): void {
    if (this.#yaml !== undefined) {
      if (this.#yaml.isShown) this.#show(line)
      if (line === this.#yaml.end) this.#yaml = undefined
      return
    }
    const diagnostics = yamlStart.exec(line)
    if (diagnostics) {
      this.#yaml = { end: `${diagnostics[1]}  ...`, isShown: this.#failure }
      if (this.#failure) this.#show(line)
      return
    }
    const text = line.trimStart()
    const depth = (line.length - text.length) / 4
    if (text.startsWith('# Subtest: ')) this.#titles[depth] = text.slice(11)
    else if (summary.test(line)) this.#sum(line)
    else if (/^(?:not )?ok\b/.test(text)) this.#result(text, depth)
    else if (text !== '' && !protocol.test(text)) this.#show(line)
    else if (text.startsWith('Bail out!')) this.#show(line)
  }

  #result(text: string, depth: number): void {
    const isFailure = text.startsWith('not ok') && !/ # TODO\b/i.test(text)
    this.#failure = isFailure && depth > 0
    const [, title = '', note = ''] = /^(?:not )?ok \d+(?: - )?(.*?)(?: # (.*))?$/.exec(text) ?? []
    if (isFailure) this.#show(`FAILED  ${[...this.#titles.slice(0, depth), title].join(' > ')}`)
    else if (/^(?:SKIP|TODO)/i.test(note)) {
      this.#show(
        `skipped ${[...this.#titles.slice(0, depth), title].join(' > ')}: ${note.slice(5) || 'no reason given'}`,
      )
    } else if (depth === 0) this.#show(`ok      ${title} (${seconds(note)})`)
  }

  #sum(line: string): void {
    const of = (name: string): number => Number(new RegExp(`, ${name}: (\\d+)`).exec(line)?.[1] ?? 0)
    this.isComplete = true
    this.count.passed += of('pass')
    this.count.failed += of('fail')
    this.count.skipped += of('skip') + of('todo')
  }
}

const seconds = (note: string): string => `${(Number(/^time=([\d.]+)ms$/.exec(note)?.[1] ?? 0) / 1000).toFixed(1)} s`
