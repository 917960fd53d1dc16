import { invalid } from './invalid.ts'

declare const brand: unique symbol

/** Name of an image as container engines take it: `registry.example:5000/team/postgres:17@sha256:...`. */
export type Image = string & { readonly [brand]: 'image' }

/** The grammar of github.com/distribution/reference, without addresses of IPv6 as registry. */
const hostPart = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?'
const host = `${hostPart}(?:\\.${hostPart})*(?::[0-9]{1,5})?`
const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const tag = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}'
const digest = 'sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}'
const pattern = new RegExp(`^(?:(${host})/)?(${component}(?:/${component})*)(?::(${tag}))?(?:@(?:${digest}))?$`)

/** Of the name without tag and digest. */
const longestName = 255
const longest = longestName + 1 + 128 + 1 + 7 + 128

/** An image that was written down; undefined when it is none. */
export function readImage(text: string): Image | undefined {
  if (text.length > longest) return undefined
  const [all, registry, path = ''] = pattern.exec(text) ?? []
  if (all === undefined) return undefined
  const name = registry === undefined ? path : `${registry}/${path}`
  // Engines take 64 hexadecimal digits for the id of an image.
  return name.length > longestName || /^[0-9a-f]{64}$/.test(name) ? undefined : (text as Image)
}

/** Reads the name of an image. Rejects with `PGD_INPUT_INVALID`. */
export function parseImage(text: string, field = 'image'): Image {
  const image = readImage(text)
  if (image !== undefined) return image
  const hint =
    'For example postgres:17, or registry.example:5000/team/postgres:17; all but registry and tag in small letters'
  throw invalid(field, text, 'is no name of an image: [registry/]name[:tag][@digest]', hint)
}
