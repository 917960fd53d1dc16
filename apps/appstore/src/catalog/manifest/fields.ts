import { z } from 'zod'

// Kinds of fields of the catalog's files. Control characters are refused in all of them, line feeds in all but prose: a
// text that ends up in a configuration can then never begin another line of it.

/** Characters that no field has: controls but for tab and line feed, separators of lines, byte order mark, halves of pairs. */
const unprintable = /(?![\n\t])[\p{Cc}\p{Cs}\u2028\u2029\ufeff\ufffe\uffff]/u

/** Whether a text is one line without control characters. */
export const isLine = (text: string): boolean => !unprintable.test(text) && !/[\n\t]/.test(text)

/** One line, 1 to `longest` characters. */
export const line = (longest = 200) =>
  z
    .string('must be a text')
    .min(1, 'must not be empty')
    .max(longest, `must have at most ${longest} characters`)
    .refine(isLine, 'must be one line without control characters')

/** One line, or nothing. */
export const lineOrEmpty = (longest = 200) =>
  z
    .string('must be a text')
    .max(longest, `must have at most ${longest} characters`)
    .refine(isLine, 'must be one line without control characters')

/** Text for people, of several lines. */
export const prose = (longest = 20_000) =>
  z
    .string('must be a text')
    .max(longest, `must have at most ${longest} characters`)
    .refine(text => !unprintable.test(text), 'must not have control characters')

/** Words in small letters and digits with single hyphens between them: a folder, a host name, a part of an address. */
export const kebab = z
  .string('must be a text')
  .max(63, 'must have at most 63 characters')
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'must be small letters and digits, with single hyphens between them')

export const flag = z.boolean('must be true or false')

export const count = (least: number, most: number) =>
  z
    .int(`must be a whole number from ${least} to ${most}`)
    .min(least, `must be at least ${least}`)
    .max(most, `must be at most ${most}`)

export const list = <T extends z.ZodType>(item: T, most = 200) =>
  z.array(item, 'must be a list').max(most, `must have at most ${most} entries`)

/** Absolute and plain: no `..`, no doubled slash, and none of the characters that Proxmox gives a meaning. */
export const guestPath = z
  .string('must be a text')
  .max(255, 'must have at most 255 characters')
  .regex(/^\/[A-Za-z0-9._/@+-]*$/, 'must be an absolute path of letters, digits and . _ / @ + -')
  .refine(path => isPlainPath(path), 'must not have empty, "." or ".." parts')

/** Whether an absolute path has no empty, `.` or `..` part; one slash at the end is fine. */
export const isPlainPath = (path: string): boolean =>
  path
    .replace(/\/$/, '')
    .split('/')
    .slice(1)
    .every(part => part !== '' && part !== '.' && part !== '..')

/** A path below the app's own folder. */
export const ownPath = z
  .string('must be a text')
  .max(255, 'must have at most 255 characters')
  .regex(/^[A-Za-z0-9._@+-][A-Za-z0-9._/@+ -]*$/, 'must be a path below the folder of the app')
  .refine(path => isPlainPath(`/${path}`), 'must not have empty, "." or ".." parts')

/** A map with the given keys and no other. */
export const fields = <T extends z.core.$ZodLooseShape>(shape: T) => z.strictObject(shape, 'must be a map')
