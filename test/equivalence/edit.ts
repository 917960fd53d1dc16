import { pick, type Random } from './random.ts'

/** What near-legal texts are made with: blanks, controls, look-alikes, syntax of sudoers, expressions and shells. */
const oddCharacters = [
  ...' \t\n\r\v\f\x00\x01\x1b\x7f',
  ...'/.-_@+=:,%~',
  ...`#"'\\$^*?!&|;<>()[]{}\``,
  ...'aAzZ019gG8',
  ...['é', 'ı', 'K', '０', '\u00a0', '\u2028', '\u200b', '\u202e', '\u0301', '\u{1f600}', '\ud800', '\udfff', '\ufeff'],
]

/** Elements that an intruder would put in. */
const oddElements = [
  ...['', ' ', '-', '--', '-a', '-o', '-O', '-f', '-R', '--keep-env', '1', '0', '--perms', '4755', '--user', 'root'],
  ...['--group', '--mount=/proc/1/ns/mnt', '-t', '/etc/shadow', '..', '../..', '/', '104', 'destroy', 'exec', 'push'],
  ...['tank/other', 'tank/pgd/databases', 'LD_PRELOAD=/tmp/x', 'PRIVEXEC_OPERATION=other-0', '\n', '*', '$(id)'],
]

type Edit = (args: readonly string[], random: Random) => string[]

/** A place to edit; mostly a late one, since the first elements of a command are constants. */
const place = (args: readonly string[], random: Random): number =>
  args.length - 1 - Math.min(random(args.length), random(args.length), random(args.length))

const replaced = (args: readonly string[], at: number, ...by: string[]): string[] => [
  ...args.slice(0, at),
  ...by,
  ...args.slice(at + 1),
]

/** Edits one element. */
const within =
  (edit: (text: string, random: Random) => string): Edit =>
  (args, random) => {
    const at = place(args, random)
    return replaced(args, at, edit(args[at] ?? '', random))
  }

const cut = (text: string, at: number, remove: number, insert: string) =>
  text.slice(0, at) + insert + text.slice(at + remove)

const edits: readonly Edit[] = [
  within((text, random) => cut(text, random(text.length + 1), 0, pick(random, oddCharacters))),
  within((text, random) => cut(text, random(text.length + 1), 1, pick(random, oddCharacters))),
  within((text, random) => cut(text, random(text.length + 1), 1, '')),
  // A character beside a legal one: where ranges end.
  within((text, random) => {
    const at = random(text.length)
    const code = text.charCodeAt(at) + (random(2) === 0 ? 1 : -1)
    return cut(text, at, 1, String.fromCharCode(Number.isNaN(code) ? 47 : code))
  }),
  // The end is where an anchor matters.
  within((text, random) => text + pick(random, oddCharacters)),
  within((text, random) => pick(random, oddCharacters) + text),
  within((text, random) => cut(text, random(text.length + 1), 0, text.slice(-1 - random(3)))),
  within((text, random) => {
    const at = random(text.length + 1)
    return text.slice(0, at) + (text[at + 1] ?? '') + (text[at] ?? '') + text.slice(at + 2)
  }),
  within((text, random) => (random(2) === 0 ? text.toUpperCase() : text.repeat(2))),
  // Numbers one beside theirs, with a zero before them, with a sign; lengths at the limits of repetition.
  (args, random) => {
    const longest = args.findIndex(arg => /^[1-9]\d{2,}$/.test(arg))
    const at = longest < 0 ? place(args, random) : longest
    const value = Number(args[at])
    const by = [
      value - 1,
      value - 1,
      value + 1,
      value + 1,
      `0${args[at]}`,
      `+${args[at]}`,
      `${args[at]}.0`,
      value * 10,
      1e21,
      `${args[at]}e0`,
    ]
    return replaced(args, at, String(pick(random, by)))
  },
  within((text, random) =>
    (text.at(-1) ?? 'a').repeat(pick(random, [31, 32, 33, 62, 63, 64, 127, 128, 129, 255, 256])),
  ),
  within((text, random) => text + (text.at(-1) ?? 'a').repeat(pick(random, [31, 62, 64, 127, 128, 255, 256]))),
  // Whole elements.
  (args, random) => {
    const at = random(args.length + 1)
    return [...args.slice(0, at), pick(random, oddElements), ...args.slice(at)]
  },
  (args, random) => replaced(args, place(args, random), pick(random, oddElements)),
  (args, random) => replaced(args, random(args.length)),
  (args, random) => {
    const at = random(args.length)
    return replaced(args, at, args[at] ?? '', args[at] ?? '')
  },
  (args, random) => {
    const at = random(args.length)
    return replaced(replaced(args, at, args[at + 1] ?? ''), at + 1, args[at] ?? '')
  },
  // Boundaries moved: two elements in one, one as two.
  (args, random) => {
    const at = place(args, random)
    return [...args.slice(0, at), args.slice(at, at + 2).join(' '), ...args.slice(at + 2)]
  },
  (args, random) => {
    const at = place(args, random)
    const text = args[at] ?? ''
    const cutAt = text.includes(' ') ? text.indexOf(' ') : random(text.length + 1)
    return replaced(args, at, text.slice(0, cutAt), text.slice(text.includes(' ') ? cutAt + 1 : cutAt))
  },
]

/** An argv one edit away; it may be a legal one by chance. */
export const edited = (args: readonly string[], random: Random): string[] => pick(random, edits)(args, random)
