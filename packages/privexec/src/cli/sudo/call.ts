import { spawn } from 'node:child_process'

/** What a short program said. `missing` when it is not there. */
export interface Said {
  readonly missing: boolean
  readonly status: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** Runs a short program by absolute path in a clean environment; never rejects. */
export function call(path: string, args: readonly string[], input = ''): Promise<Said> {
  return new Promise(resolve => {
    const child = spawn(path, args, { cwd: '/', env: { LC_ALL: 'C', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } })
    const texts = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        texts[name] += text
      })
    }
    child.stdin.on('error', () => {})
    child.stdin.end(input)
    child.once('error', () => resolve({ missing: true, status: undefined, ...texts }))
    child.once('close', status => resolve({ missing: false, status: status ?? undefined, ...texts }))
  })
}
