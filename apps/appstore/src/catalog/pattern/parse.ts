import { blanks, bothCases, complement, digits, type Node, type Range, wordCharacters } from './node.ts'

/** Why an expression is refused; `message` is fit to be shown. */
export class PatternFault extends Error {
  override readonly name = 'PatternFault'
}

const fault = (message: string): PatternFault => new PatternFault(message)

/** As in Go's regexp, whose expressions these are. */
const mostRepeats = 1000
const deepest = 50

const escapes: Readonly<Record<string, readonly Range[]>> = {
  d: digits,
  D: complement(digits),
  w: wordCharacters,
  W: complement(wordCharacters),
  s: blanks,
  S: complement(blanks),
}
const controls: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, a: 7 }
const named: Readonly<Record<string, readonly Range[]>> = {
  alpha: bothCases([[0x61, 0x7a]]),
  digit: digits,
  alnum: [...digits, ...bothCases([[0x61, 0x7a]])],
  upper: [[0x41, 0x5a]],
  lower: [[0x61, 0x7a]],
  space: [...blanks, [0x0b, 0x0b]],
  xdigit: [...digits, ...bothCases([[0x61, 0x66]])],
  punct: [
    [0x21, 0x2f],
    [0x3a, 0x40],
    [0x5b, 0x60],
    [0x7b, 0x7e],
  ],
}

/**
 * Reads an expression in the syntax that Go's regexp and JavaScript share, with `(?i)` at its beginning. What cannot be
 * matched in linear time (back references, looking ahead or behind) is refused. Throws {@link PatternFault}.
 */
export function parsePattern(source: string): Node {
  const [, flag = ''] = /^\(\?(i)\)/.exec(source) ?? []
  return new Reader([...source.slice(flag === '' ? 0 : 4)], flag === 'i').whole()
}

class Reader {
  readonly #text: readonly string[]
  readonly #ignoreCase: boolean
  #next = 0
  #depth = 0

  constructor(text: readonly string[], ignoreCase: boolean) {
    this.#text = text
    this.#ignoreCase = ignoreCase
  }

  whole(): Node {
    const node = this.#alternatives()
    if (this.#next < this.#text.length) throw fault('a closing bracket has no opening one')
    return node
  }

  #peek(ahead = 0): string {
    return this.#text[this.#next + ahead] ?? ''
  }

  #eat(text: string): boolean {
    if (![...text].every((character, index) => this.#peek(index) === character)) return false
    this.#next += text.length
    return true
  }

  #alternatives(): Node {
    if (++this.#depth > deepest) throw fault(`brackets are nested more than ${deepest} deep`)
    const items = [this.#sequence()]
    while (this.#eat('|')) items.push(this.#sequence())
    this.#depth--
    return items.length === 1 && items[0] ? items[0] : { kind: 'any', items }
  }

  #sequence(): Node {
    const items: Node[] = []
    while (this.#next < this.#text.length && this.#peek() !== '|' && this.#peek() !== ')') items.push(this.#repeated())
    return { kind: 'all', items }
  }

  #repeated(): Node {
    const item = this.#atom()
    const count = this.#count()
    if (count === undefined) return item
    if (['start', 'end', 'boundary', 'inside'].includes(item.kind)) throw fault('an anchor cannot be repeated')
    this.#eat('?')
    if (this.#count() !== undefined) throw fault('a repetition is repeated')
    return { kind: 'repeat', item, ...count }
  }

  #count(): { readonly least: number; readonly most: number } | undefined {
    if (this.#eat('*')) return { least: 0, most: Number.POSITIVE_INFINITY }
    if (this.#eat('+')) return { least: 1, most: Number.POSITIVE_INFINITY }
    if (this.#eat('?')) return { least: 0, most: 1 }
    if (this.#peek() !== '{') return undefined
    const rest = this.#text.slice(this.#next, this.#next + 12).join('')
    const found = /^\{([0-9]{1,4})(?:(,)([0-9]{0,4}))?\}/.exec(rest)
    if (!found) throw fault('a curly bracket must hold counts, or be escaped')
    const [whole, low = '', comma, high = ''] = found
    this.#next += whole.length
    const least = Number(low)
    const most = comma === undefined ? least : high === '' ? Number.POSITIVE_INFINITY : Number(high)
    if (least > most) throw fault('a count begins above its end')
    if (least > mostRepeats || (most > mostRepeats && most !== Number.POSITIVE_INFINITY)) {
      throw fault(`a count is above ${mostRepeats}`)
    }
    return { least, most }
  }

  #atom(): Node {
    const character = this.#peek()
    this.#next++
    switch (character) {
      case '(':
        return this.#group()
      case '[':
        return this.#class()
      case '.':
        return { kind: 'set', ranges: [[0x0a, 0x0a]], negated: true }
      case '^':
        return { kind: 'start' }
      case '$':
        return { kind: 'end' }
      case '\\':
        return this.#escape()
      case '*':
      case '+':
      case '?':
      case '{':
        throw fault('a repetition has nothing before it')
      case ']':
      case '}':
        throw fault('a closing bracket has no opening one')
      default:
        return this.#set([[character.codePointAt(0) ?? 0, character.codePointAt(0) ?? 0]])
    }
  }

  #set(ranges: readonly Range[], negated = false): Node {
    return { kind: 'set', ranges: this.#ignoreCase ? bothCases(ranges) : ranges, negated }
  }

  #group(): Node {
    if (this.#eat('?')) {
      if (this.#eat('P<') || (this.#peek() === '<' && /[A-Za-z_]/.test(this.#peek(1)) && this.#eat('<'))) {
        const end = this.#text.indexOf('>', this.#next)
        if (end < 0 || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(this.#text.slice(this.#next, end).join(''))) {
          throw fault('a group has no proper name')
        }
        this.#next = end + 1
      } else if (!this.#eat(':')) throw fault('looking ahead or behind, and flags inside, are not supported')
    }
    const node = this.#alternatives()
    if (!this.#eat(')')) throw fault('an opening bracket has no closing one')
    return node
  }

  #escape(): Node {
    const character = this.#peek()
    if (character === 'b' || character === 'B') {
      this.#next++
      return { kind: character === 'b' ? 'boundary' : 'inside' }
    }
    if (character === 'A' || character === 'z') {
      this.#next++
      return { kind: character === 'A' ? 'start' : 'end' }
    }
    return this.#set(this.#escaped())
  }

  /** What stands behind a backslash, also in a class. */
  #escaped(): readonly Range[] {
    const character = this.#peek()
    this.#next++
    const ranges = escapes[character]
    if (ranges) return ranges
    const control = controls[character]
    if (control !== undefined) return [[control, control]]
    if (character === 'x' || character === 'u') return this.#hexadecimal(character === 'x' ? 2 : 4)
    if (/[0-9]/.test(character)) throw fault('back references are not supported')
    if (!/^[!-/:-@[-`{-~]$/.test(character)) throw fault('an escape is not known')
    const code = character.codePointAt(0) ?? 0
    return [[code, code]]
  }

  #hexadecimal(digits: number): readonly Range[] {
    const rest = this.#text.slice(this.#next, this.#next + 8).join('')
    const [whole = '', braced, bare = ''] = /^(?:\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{2,4}))/.exec(rest) ?? []
    const hex = braced ?? bare.slice(0, digits)
    const code = Number.parseInt(hex, 16)
    if (whole === '' || (braced === undefined && hex.length < digits) || code > 0x10ffff) {
      throw fault('a character code is not complete')
    }
    this.#next += braced === undefined ? digits : whole.length
    return [[code, code]]
  }

  #class(): Node {
    const negated = this.#eat('^')
    const ranges: Range[] = []
    for (let first = true; first || this.#peek() !== ']'; first = false) {
      if (this.#next >= this.#text.length) throw fault('a class has no closing bracket')
      if (first && this.#peek() === ']') throw fault('a class is empty')
      ranges.push(...this.#classItem())
    }
    this.#next++
    return this.#set(ranges, negated)
  }

  #classItem(): readonly Range[] {
    if (this.#eat('[:')) {
      const end = this.#text.indexOf(':', this.#next)
      const ranges = named[this.#text.slice(this.#next, Math.max(end, this.#next)).join('')]
      if (!ranges || this.#text[end + 1] !== ']') throw fault('a named class is not known')
      this.#next = end + 2
      return ranges
    }
    const low = this.#classCharacter()
    if (this.#peek() !== '-' || this.#peek(1) === ']' || this.#peek(1) === '') return low
    this.#next++
    const high = this.#classCharacter()
    const [from, to] = [low[0]?.[0] ?? 0, high[0]?.[0] ?? 0]
    if (low.length !== 1 || high.length !== 1 || low[0]?.[1] !== from || high[0]?.[1] !== to || from > to) {
      throw fault('a range is not one')
    }
    return [[from, to]]
  }

  #classCharacter(): readonly Range[] {
    const character = this.#peek()
    this.#next++
    if (character === '\\') return this.#escaped()
    if (character === '[') throw fault('a square bracket inside a class must be escaped')
    const code = character.codePointAt(0) ?? 0
    return [[code, code]]
  }
}
