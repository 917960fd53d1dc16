import type { Recorded, Recorder } from './recorder.ts'

/** Routes that are not asked: one opens a WebSocket, and one is there to tell a secret. */
const known: readonly string[] = ['/installs/{id}/terminal', '/installs/{id}/secrets/{app}/{key}']

/** Asks every GET route that the API documents, with all that its parameters can stand for; gives back those it cannot. */
export async function walk(api: Recorder, openapi: Recorded): Promise<{ readonly unknown: readonly string[] }> {
  const paths = openapi.json.paths as Readonly<Record<string, { readonly get?: object }>>
  const list = async (path: string, key: string, field: string): Promise<string[]> =>
    ((await api.must('GET', `/api/v1${path}`)).json[key] as Record<string, string>[]).map(one => one[field] ?? '')
  const values: Readonly<Record<string, readonly string[]>> = {
    '/jobs/{id}': await list('/jobs?limit=200', 'jobs', 'id'),
    '/installs/{id}': await list('/installs', 'installs', 'id'),
    '/catalog/apps/{app}': await list('/catalog/apps', 'apps', 'id'),
  }
  const unknown: string[] = []
  for (const [path, { get }] of Object.entries(paths)) {
    if (get === undefined || known.includes(path)) continue
    const [start] = Object.keys(values).filter(one => path.startsWith(one))
    const wanted =
      start === undefined
        ? [path]
        : (values[start] ?? []).map(value => path.replace(start, start.replace(/\{.*\}/, value)))
    for (const one of wanted) {
      if (one.includes('{')) unknown.push(one)
      else await api.ask('GET', `/api/v1${one}`)
    }
  }
  for (const path of ['/healthz', '/readyz', '/']) await api.ask('GET', path)
  return { unknown }
}
