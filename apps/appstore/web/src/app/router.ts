import { signal } from '@preact/signals'

/** Where the page is: parts of the path behind `#/`, and what follows `?`. */
export interface Place {
  readonly path: readonly string[]
  readonly query: URLSearchParams
}

const read = (): Place => {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?', 2)
  const parts = path.split('/').filter(part => part !== '')
  return { path: parts.map(decode), query: new URLSearchParams(query) }
}

/** The part as it was before it was encoded; itself when it was never encoded. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** Where the page is now. */
export const place = signal<Place>(read())

addEventListener('hashchange', () => {
  place.value = read()
})

/** `#/a/b` of its parts. */
export const link = (...parts: readonly string[]): string => `#/${parts.map(encodeURIComponent).join('/')}`

/** Goes there, as a click on a link would. */
export function go(...parts: readonly string[]): void {
  location.hash = link(...parts)
}
