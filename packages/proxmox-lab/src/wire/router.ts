import type { Endpoint } from '../api/endpoint.ts'

/** A method and what the path gave. */
export interface Route {
  readonly endpoint: Endpoint
  readonly params: Readonly<Record<string, string>>
}

/** Finds the method of a path below `/api2/json`. */
export class Router {
  readonly #routes: readonly { readonly endpoint: Endpoint; readonly parts: readonly string[] }[]

  constructor(endpoints: readonly Endpoint[]) {
    this.#routes = endpoints.map(endpoint => ({ endpoint, parts: split(endpoint.path) }))
  }

  /** Literal parts go before parameters; undefined when there is no such method. */
  find(method: string, path: string): Route | undefined {
    const parts = split(path)
    let best: (Route & { readonly rank: string }) | undefined
    for (const { endpoint, parts: wanted } of this.#routes) {
      if (endpoint.method !== method || wanted.length > parts.length) continue
      const params: Record<string, string> = {}
      let rank = ''
      const fits = wanted.every((want, index) => {
        const part = parts[index] ?? ''
        const [, name] = /^\{(.+)\}$/.exec(want) ?? []
        rank += name === undefined ? '0' : '1'
        if (name === undefined) return want === part
        // A volume name such as `backup/vzdump-….tar` may come with its slash as it is.
        params[name] = decode(name === 'volume' ? parts.slice(index).join('/') : part)
        return part !== ''
      })
      if (!fits || (wanted.length < parts.length && params.volume === undefined)) continue
      if (best === undefined || rank < best.rank) best = { endpoint, params, rank }
    }
    return best
  }
}

const split = (path: string): string[] => path.split('/').filter(part => part !== '')

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
