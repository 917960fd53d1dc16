import { characters, decimals, either, joined, type Language, range, texts, times } from './language.ts'
import type { Random } from './random.ts'

/** One place of an argv: an element, an optional flag with its value, or the rest. */
export type Place =
  | { readonly kind: 'element'; readonly of: Language }
  | { readonly kind: 'optional'; readonly flag: string; readonly of: Language }
  | { readonly kind: 'tail'; readonly program: Language; readonly arguments: Language }

const [digits, lower, upper, printable] = [range('0', '9'), range('a', 'z'), range('A', 'Z'), range(' ', '~')]
const hexadecimal = characters(`${digits}abcdef`, 32)
const element = (of: Language): Place => ({ kind: 'element', of })
const words = (...members: readonly string[]): Place[] => members.map(member => element(texts(member)))
const host = words('--mount=/proc/1/ns/mnt', '--')

const component = joined(characters(digits + lower + upper), characters(`${digits}${lower}${upper}_-`, 0, 62))
const base = 'tank/pgd/databases'
const slash = texts('/')
const project = joined(texts(`${base}/`), component)
const dataset = joined(project, slash, component)
const snapshot = joined(dataset, texts('@'), component)
const member = either(project, dataset, snapshot)

/** The value of one of these user properties. */
const facts = (...names: readonly string[]): Language =>
  joined(
    texts(...names.map(name => `${name}=`)),
    characters(lower),
    characters(`${digits}${upper}${lower}_.:+/@=,-`, 0, 1020),
  )
const listed = 'type,guid,origin,used,referenced,available,mounted,mountpoint,pgd:project,pgd:volume,pgd:snapshot'

const plain = `${digits}${lower}${upper}_@+=:,%~-`
const fileName = joined(texts('', '.'), characters(plain), characters(`${plain}.`, 0, 127))
const path = times(joined(texts('/'), fileName), 1, 24)

const account = either(
  joined(characters(`${lower}_`), characters(`${lower}${digits}_-`, 0, 31)),
  texts('0'),
  joined(characters('123456789'), characters(digits, 0, 8)),
)

/** A verb of zfs and its options, then elements. */
const zfs = (verb: string, ...elements: readonly Language[]): readonly Place[] => [
  ...host,
  ...words('/usr/sbin/zfs', ...verb.split(' ')),
  ...elements.map(element),
]

/**
 * What the shipped policies allow, by grant, written from the manual and not from the code: the oracle that the rendered
 * rules are compared with. Everything after the executable.
 */
export const meanings: Readonly<Record<string, readonly Place[]>> = {
  'appstore/pct.exec': [
    ...host,
    ...words('/usr/sbin/pct', 'exec'),
    element(decimals(20_000, 20_999)),
    ...words('--keep-env', '0', '--', '/usr/bin/env'),
    element(joined(texts('PRIVEXEC_OPERATION=appstore-'), hexadecimal)),
    {
      kind: 'tail',
      program: joined(characters(`${digits}${lower}${upper}_/`), characters(`${digits}${lower}${upper}_/.+-`, 0, 127)),
      arguments: characters(printable, 0, 3825),
    },
  ],
  'appstore/pct.push': [
    ...host,
    ...words('/usr/sbin/pct', 'push'),
    element(decimals(20_000, 20_999)),
    element(joined(texts('/var/lib/privexec/staging/appstore/drop/'), hexadecimal)),
    element(path),
    { kind: 'optional', flag: '--perms', of: joined(texts('0'), characters('01234567', 3)) },
    { kind: 'optional', flag: '--user', of: account },
    { kind: 'optional', flag: '--group', of: account },
  ],
  'pgd/zfs.mount': zfs('mount', dataset),
  'pgd/zfs.unmount': zfs('unmount', dataset),
  'pgd/zfs.list': zfs('get -rHp -o name,property,value,source', texts(listed), texts(base)),
  'pgd/zfs.project': zfs('create -o canmount=off -o', facts('pgd:project'), project),
  'pgd/zfs.create': zfs('create -o canmount=noauto -o', facts('pgd:volume'), dataset),
  'pgd/zfs.clone': zfs('clone -o canmount=noauto -o', facts('pgd:volume'), snapshot, dataset),
  'pgd/zfs.snapshot': zfs('snapshot -o', facts('pgd:snapshot'), snapshot),
  'pgd/zfs.set': zfs('set', facts('pgd:project', 'pgd:volume', 'pgd:snapshot'), member),
  'pgd/zfs.rename': zfs('rename', dataset, dataset),
  'pgd/zfs.promote': zfs('promote', dataset),
  'pgd/zfs.destroy': zfs('destroy', member),
  'pgd/zfs.own': [
    ...host,
    ...words('/usr/bin/chown', '--no-dereference', '--'),
    element(account),
    element(joined(slash, dataset)),
  ],
}

/** An argv that the meaning allows. */
export function drawArgv(places: readonly Place[], random: Random): string[] {
  return places.flatMap(place => {
    if (place.kind === 'element') return [place.of.draw(random)]
    if (place.kind === 'optional') return random(2) === 0 ? [] : [place.flag, place.of.draw(random)]
    const program = place.program.draw(random)
    if (random(6) === 0) return [program]
    return [program, ...splitSomewhere(place.arguments.draw(random), random)]
  })
}

/** A text as elements: cut at some of its blanks, so that others stay within an element. */
function splitSomewhere(text: string, random: Random): string[] {
  const elements: string[] = []
  for (const part of text.split(' ')) {
    if (elements.length > 0 && random(3) === 0) elements.push(`${elements.pop()} ${part}`)
    else elements.push(part)
  }
  return elements
}

/** The language of the joined arguments, as sudo sees them. */
export function joinedLanguage(places: readonly Place[]): Language {
  const blank = texts(' ')
  const parts = places.map((place, index) => {
    const lead = index === 0 ? texts('') : blank
    if (place.kind === 'element') return joined(lead, place.of)
    if (place.kind === 'optional') return times(joined(lead, texts(`${place.flag} `), place.of), 0, 1)
    return joined(lead, place.program, times(joined(blank, place.arguments), 0, 1))
  })
  return joined(...parts)
}
