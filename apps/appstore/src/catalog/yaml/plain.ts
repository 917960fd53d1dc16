import type { TypedKeys } from './read.ts'

// The part of YAML that nearly every manifest is written in: block maps and lists, scalars on one line, lists and maps of
// scalars in brackets, literal blocks. It is some twenty times as fast as the full reader. Whatever is written in another
// way, or wrongly, is left to that one; where both read a text, they read the same.

const unusual = new Error('written in another way')
const keyLine = /^([A-Za-z_][A-Za-z0-9_-]*):(?: +(.*))?$/
const specialKeys = /^(?:true|false|null|__proto__)$/i
const otherNumber =
  /^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|0[ox][0-9A-Fa-f]+|[-+]?\.inf|\.nan)$/i
/** Ends a plain scalar or begins something else; a hyphen before a digit begins a number. */
const indicator = /^(?:[?:,[\]{}#&*!|>'"%@`]|-(?![0-9]))/

/** Data of a text of the simple kind; undefined when it is not of that kind, whether valid or not. */
export function readPlain(text: string, typed: TypedKeys): { readonly data: unknown } | undefined {
  if (/[^\n -~\u00a1-\u1fff\u2010-\u2027\u2030-\ud7ff\ue000-\ufdff]|^(?:---|\.\.\.|%)/m.test(text)) return undefined
  try {
    return { data: new Reader(text, typed).document() }
  } catch (error) {
    if (error === unusual) return undefined
    throw error
  }
}

class Reader {
  readonly #lines: readonly string[]
  readonly #typed: TypedKeys
  #next = 0

  constructor(text: string, typed: TypedKeys) {
    this.#lines = text.split('\n')
    this.#typed = typed
  }

  document(): unknown {
    if (this.#indent() !== 0) throw unusual
    const data = this.#block(0, '')
    if (this.#indent() !== -1) throw unusual
    return data
  }

  /** Goes to the next line that says something; its indentation, or -1 at the end. */
  #indent(): number {
    for (; this.#next < this.#lines.length; this.#next++) {
      const line = this.#lines[this.#next] ?? ''
      const indent = line.search(/[^ ]/)
      if (indent >= 0 && line[indent] !== '#') return indent
    }
    return -1
  }

  #text(indent: number): string {
    return (this.#lines[this.#next] ?? '').slice(indent).trimEnd()
  }

  #block(indent: number, key: string): unknown {
    return /^-(?: |$)/.test(this.#text(indent)) ? this.#list(indent, key) : this.#map(indent)
  }

  #map(indent: number): Record<string, unknown> {
    const map: Record<string, unknown> = Object.create(null)
    const seen = new Set<string>()
    for (let here = this.#indent(); here === indent; here = this.#indent()) {
      const text = this.#text(indent)
      const [, key = '', rest = ''] = keyLine.exec(text) ?? []
      if (key === '' || seen.has(key) || specialKeys.test(key)) throw unusual
      seen.add(key)
      this.#next++
      const value = this.#value(rest, indent, key)
      if (value !== undefined) map[key] = value
    }
    if (this.#indent() > indent) throw unusual
    return map
  }

  #list(indent: number, key: string): unknown[] {
    const list: unknown[] = []
    for (let here = this.#indent(); here === indent; here = this.#indent()) {
      const text = this.#text(indent)
      if (!/^-(?: |$)/.test(text)) break
      const rest = text.slice(1).trimStart()
      if (rest === '' || rest[0] === '#' || /^-(?: |$)/.test(rest)) throw unusual
      if (keyLine.test(rest)) {
        // The item is a map whose first key stands behind the hyphen.
        const inner = indent + text.length - rest.length
        const lines = this.#lines as string[]
        lines[this.#next] = ' '.repeat(inner) + rest
        list.push(this.#map(inner))
      } else {
        this.#next++
        list.push(this.#scalar(rest, indent, key) ?? null)
      }
    }
    if (this.#indent() > indent) throw unusual
    return list
  }

  /** What stands behind a key, or below it. */
  #value(rest: string, indent: number, key: string): unknown {
    if (rest !== '' && rest[0] !== '#') return this.#scalar(rest, indent, key)
    const below = this.#indent()
    if (below > indent) return this.#block(below, key)
    if (below === indent && /^-(?: |$)/.test(this.#text(indent))) return this.#list(indent, key)
    return undefined
  }

  #scalar(rest: string, indent: number, key: string): unknown {
    if (rest === '|' || rest === '|-') return this.#literal(indent, rest === '|')
    const { value, left } = this.#item(rest, key, false)
    if (left !== '' && !/^ +#/.test(left)) throw unusual
    // A scalar that goes on in the next line.
    if (this.#indent() > indent) throw unusual
    return value
  }

  /** One scalar, list or map in brackets, and what is left of the line. */
  #item(text: string, key: string, inside: boolean): { readonly value: unknown; readonly left: string } {
    if (text[0] === '"' || text[0] === "'") return quoted(text)
    if (text[0] === '[' && !inside) return this.#brackets(text, key)
    if (text[0] === '{' && !inside) return this.#braces(text)
    if (inside) {
      const plain = /^[A-Za-z0-9_/.+](?:[A-Za-z0-9_/.+*@-]| (?=[A-Za-z0-9_/.+*@-]))*/.exec(text)?.[0]
      if (plain === undefined) throw unusual
      return { value: this.#resolve(plain, key), left: text.slice(plain.length) }
    }
    const comment = text.search(/ +#/)
    const plain = comment < 0 ? text : text.slice(0, comment)
    if (indicator.test(plain) || /: |:$/.test(plain)) throw unusual
    return { value: this.#resolve(plain, key), left: comment < 0 ? '' : text.slice(comment) }
  }

  #brackets(text: string, key: string): { readonly value: unknown[]; readonly left: string } {
    const value: unknown[] = []
    let left = text.slice(1).trimStart()
    if (left[0] === ']') return { value, left: left.slice(1) }
    for (;;) {
      const item = this.#item(left, key, true)
      value.push(item.value ?? null)
      left = item.left.trimStart()
      if (left[0] === ']') return { value, left: left.slice(1) }
      if (left[0] !== ',') throw unusual
      left = left.slice(1).trimStart()
    }
  }

  #braces(text: string): { readonly value: Record<string, unknown>; readonly left: string } {
    const value: Record<string, unknown> = Object.create(null)
    let left = text.slice(1).trimStart()
    if (left[0] === '}') return { value, left: left.slice(1) }
    for (;;) {
      const [head = '', key = ''] = /^([A-Za-z_][A-Za-z0-9_-]*): +/.exec(left) ?? []
      if (key === '' || key in value || specialKeys.test(key)) throw unusual
      left = left.slice(head.length)
      const item = left[0] === '[' ? this.#brackets(left, key) : this.#item(left, key, true)
      if (item.value === undefined) throw unusual
      value[key] = item.value
      left = item.left.trimStart()
      if (left[0] === '}') return { value, left: left.slice(1) }
      if (left[0] !== ',') throw unusual
      left = left.slice(1).trimStart()
    }
  }

  /** A literal block; the text ends with one line feed, or none. */
  #literal(indent: number, feed: boolean): string {
    const first = this.#lines[this.#next] ?? ''
    const depth = first.search(/[^ ]/)
    if (depth <= indent) throw unusual
    const lines: string[] = []
    for (; this.#next < this.#lines.length; this.#next++) {
      const line = this.#lines[this.#next] ?? ''
      const here = line.search(/[^ ]/)
      if (here < 0 && line.length > depth) throw unusual
      if (here >= 0 && here < depth) {
        if (here > indent) throw unusual
        break
      }
      lines.push(line.slice(depth))
    }
    // Without a line feed at the end of the file the text may have none either.
    if (this.#next === this.#lines.length && lines.at(-1) !== '') throw unusual
    while (lines.at(-1) === '') lines.pop()
    return lines.join('\n') + (feed ? '\n' : '')
  }

  #resolve(plain: string, key: string): unknown {
    if (/^(?:~|null|Null|NULL)$/.test(plain)) return undefined
    if (!this.#typed.has(key)) return plain
    if (/^(?:true|True|TRUE)$/.test(plain)) return true
    if (/^(?:false|False|FALSE)$/.test(plain)) return false
    if (/^-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,9})?$/.test(plain)) return Number(plain)
    // Other spellings of numbers are rare.
    if (otherNumber.test(plain)) throw unusual
    return plain
  }
}

function quoted(text: string): { readonly value: string; readonly left: string } {
  const found = text[0] === '"' ? /^"((?:[^"\\]|\\["\\])*)"/.exec(text) : /^'((?:[^']|'')*)'/.exec(text)
  if (found === null) throw unusual
  const [whole, inner = ''] = found
  return { value: inner.replace(text[0] === '"' ? /\\(["\\])/g : /'(')/g, '$1'), left: text.slice(whole.length) }
}
