import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Answers, for each argv in turn, whether it is allowed. */
export type Oracle = (argvs: readonly (readonly string[])[]) => Promise<boolean[]>

const frame = (text: string): Buffer[] => {
  const bytes = Buffer.from(text)
  return [number(bytes.length), bytes]
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes[endian === 'LE' ? 'writeUInt32LE' : 'writeUInt32BE'](value)
  return bytes
}

const endian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 'LE' : 'BE'

/** The C library's matcher: an argv is allowed when an expression matches its joined text. */
export const matcher =
  (rules: readonly string[]): Oracle =>
  async argvs =>
    answers(
      compiled('matcher'),
      rules,
      argvs.flatMap(args => frame(args.join(' '))),
      argvs.length,
    )

/** The real sudo with what is installed in sudoers.d; in a throwaway host, as root. Runs two queries at a time. */
export const sudo =
  (user: string, executable: string): Oracle =>
  async argvs => {
    const half = Math.ceil(argvs.length / 2)
    const ask = (part: typeof argvs) => {
      const input = part.flatMap(args => [number(args.length), ...args.flatMap(frame)])
      return answers(compiled('asker'), ['/usr/bin/sudo', user, executable], input, part.length)
    }
    return (await Promise.all([ask(argvs.slice(0, half)), ask(argvs.slice(half))])).flat()
  }

async function answers(program: string, args: readonly string[], input: Buffer[], count: number): Promise<boolean[]> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { LC_ALL: 'C' } })
  const output: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stdin.on('error', () => {}) // the exit status tells more
  child.stdin.end(Buffer.concat(input))
  const [status] = (await once(child, 'close')) as [number | null]
  const text = Buffer.concat(output).toString('latin1')
  if (status !== 0 || text.length !== count)
    throw new Error(`${program} ended with ${status} after ${text.length} answers`)
  return [...text].map(answer => answer === '1')
}

const programs = new Map<string, string>()

/** Compiles one of the C programs beside this file; the result is gone with this process. */
function compiled(name: 'matcher' | 'asker'): string {
  let program = programs.get(name)
  if (program === undefined) {
    const directory = mkdtempSync(join(tmpdir(), 'equivalence-'))
    process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
    program = join(directory, name)
    const source = join(import.meta.dirname, `${name}.c`)
    const done = spawnSync('cc', ['-O2', '-Wall', '-Wextra', '-o', program, source], { encoding: 'utf8' })
    if (done.status !== 0) throw new Error(`cc ${source}: ${done.stderr || done.error?.message}`)
    programs.set(name, program)
  }
  return program
}

/** Whether there is a C compiler. */
export const hasCompiler = (): boolean => spawnSync('cc', ['--version'], { stdio: 'ignore' }).status === 0
