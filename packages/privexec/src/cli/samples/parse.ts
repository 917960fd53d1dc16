/** The structure of an expression of our dialect (src/pattern/dialect.ts). */
export type Tree =
  | { readonly kind: 'set'; readonly ranges: readonly (readonly [low: string, high: string])[] }
  | { readonly kind: 'sequence'; readonly parts: readonly Tree[] }
  | { readonly kind: 'choice'; readonly options: readonly Tree[] }
  | { readonly kind: 'repeat'; readonly of: Tree; readonly min: number; readonly max: number }

/** Reads an expression without its anchors; undefined when it has something that our dialect has not. */
export function parseExpression(source: string): Tree | undefined {
  const reader = new Reader(source)
  const tree = reader.choice()
  return reader.isDone && !reader.isForeign ? tree : undefined
}

class Reader {
  readonly #text: string
  #at = 0
  isForeign = false

  constructor(text: string) {
    this.#text = text
  }

  get isDone(): boolean {
    return this.#at === this.#text.length
  }

  choice(): Tree {
    const options = [this.#sequence()]
    while (this.#take('|')) options.push(this.#sequence())
    return options.length === 1 ? (options[0] as Tree) : { kind: 'choice', options }
  }

  #sequence(): Tree {
    const parts: Tree[] = []
    while (!this.isDone && !this.isForeign && !'|)'.includes(this.#peek())) parts.push(this.#repeated(this.#atom()))
    return parts.length === 1 ? (parts[0] as Tree) : { kind: 'sequence', parts }
  }

  #atom(): Tree {
    if (this.#take('(')) {
      const inner = this.choice()
      if (!this.#take(')')) this.isForeign = true
      return inner
    }
    if (this.#take('[')) return this.#set()
    const char = this.#next()
    if ('.*+?{}^$\\]'.includes(char)) this.isForeign = true
    return { kind: 'set', ranges: [[char, char]] }
  }

  #set(): Tree {
    const ranges: [string, string][] = []
    while (!this.isDone && !this.#take(']')) {
      const low = this.#next()
      if ('^[\\'.includes(low)) this.isForeign = true
      const isRange = this.#peek() === '-' && this.#text[this.#at + 1] !== ']'
      if (isRange) this.#next()
      ranges.push([low, isRange ? this.#next() : low])
    }
    if (ranges.length === 0 || this.#text[this.#at - 1] !== ']') this.isForeign = true
    return { kind: 'set', ranges }
  }

  #repeated(of: Tree): Tree {
    if (this.#take('?')) return { kind: 'repeat', of, min: 0, max: 1 }
    const counts = /^\{(\d{1,3})(?:,(\d{1,3}))?\}/.exec(this.#text.slice(this.#at, this.#at + 9))
    if (!counts) return of
    this.#at += counts[0].length
    const min = Number(counts[1])
    return { kind: 'repeat', of, min, max: Number(counts[2] ?? min) }
  }

  #peek(): string {
    return this.#text[this.#at] ?? ''
  }

  #next(): string {
    return this.#text[this.#at++] ?? ''
  }

  #take(char: string): boolean {
    if (this.#peek() !== char) return false
    this.#at += 1
    return true
  }
}
