import type { Entry, Machine, Outcome, Reading } from '../../../src/doctor/machine.ts'

/** A file of a pretended machine; a text is one of root's with mode 0644. */
export type Pretended = string | ({ readonly text?: string; readonly link?: string } & Partial<Entry>)

/** What a pretended machine has. Directories are made up for every file, root's with mode 0755. */
export interface Pretence {
  readonly uid?: number
  readonly files?: Readonly<Record<string, Pretended>>
  /** Answers a program; undefined when it cannot be started. */
  readonly run?: (argv: readonly string[], input: string) => string | Partial<Outcome> | undefined
}

/** A machine that exists in memory only. */
export function pretend({ uid = 0, files = {}, run = () => undefined }: Pretence): Machine {
  const entries = new Map(
    Object.entries(files).map(([path, file]) => [path, typeof file === 'string' ? { text: file } : file]),
  )
  for (const path of [...entries.keys(), '/x']) {
    const parts = path.split('/')
    for (let length = 1; length < parts.length; length += 1) {
      const folder = parts.slice(0, length).join('/') || '/'
      if (!entries.has(folder)) entries.set(folder, { kind: 'directory', mode: 0o755 })
    }
  }
  const find = <T>(path: string, take: (file: Exclude<Pretended, string>) => T | undefined): Reading<T> => {
    const file = entries.get(path)
    if (!file) return { fault: 'ENOENT' }
    const value = take(file)
    return value === undefined ? { fault: 'EINVAL' } : { value }
  }
  return {
    uid,
    read: async path => find(path, ({ text }) => (text === undefined ? undefined : Buffer.from(text))),
    look: async path =>
      find(path, ({ kind, link, uid = 0, gid = 0, mode = 0o644, modified = 0 }) => ({
        kind: kind ?? (link === undefined ? 'file' : 'link'),
        uid,
        gid,
        mode,
        modified,
      })),
    link: async path => find(path, ({ link }) => link),
    list: async path => {
      const lead = `${path === '/' ? '' : path}/`
      const names = [...entries.keys()].filter(each => each.startsWith(lead) && !each.slice(lead.length).includes('/'))
      return entries.has(path)
        ? { value: names.map(each => each.slice(lead.length)).filter(Boolean) }
        : { fault: 'ENOENT' }
    },
    free: async () => ({ value: 1e9 }),
    run: async (argv, input = '') => {
      const answer = run(argv, input)
      if (answer === undefined) return { stdout: '', stderr: '' }
      return typeof answer === 'string'
        ? { exitCode: 0, stdout: answer, stderr: '' }
        : { exitCode: 0, stdout: '', stderr: '', ...answer }
    },
  }
}
