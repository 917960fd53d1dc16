/** What a short program said. `missing` when it is not there; without an exit status it was ended or took too long. */
export interface Said {
  readonly missing: boolean
  readonly status: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** Nothing of the caller's environment is passed on; COLUMNS keeps sudo from breaking the lines of its list. */
const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', COLUMNS: '30000' }

/**
 * Runs a short program beside the operations, by absolute path, with ten seconds and 8 MiB of output. Never rejects.
 */
export async function call(path: string, args: readonly string[], input: string | Uint8Array = ''): Promise<Said> {
  const { execa } = await import('execa')
  const limits = { timeout: 10_000, maxBuffer: 8_388_608 }
  const options = { cwd: '/', env, extendEnv: false, input, reject: false, stripFinalNewline: false, ...limits }
  const { code, exitCode, stdout, stderr } = await execa(path, args, options)
  return { missing: code === 'ENOENT', status: exitCode, stdout: stdout ?? '', stderr: stderr ?? '' }
}
