import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hostMissing } from '../host/run.ts'
import { type Protection, protectSymlinks } from './protect.ts'
import type { Row } from './support/row.ts'
import { parseTable, renderTable } from './table.ts'

// node test/attacks/run.ts [--write] [FILE...]
// Runs all attacks, or those of some files, in one throwaway host; its output is TAP. After a whole run it compares the
// committed table with what happened, or writes it; after that of some files it writes their rows of it.

const root = join(import.meta.dirname, '../..')
const page = join(root, 'docs/reference/attacks.md')

/** Runs test files in a host, and returns the exit status and the rows that they recorded. */
async function attacks(files: readonly string[]): Promise<{ status: number; rows: readonly Row[] }> {
  const out = mkdtempSync(join(tmpdir(), 'attacks-'))
  // The files share the sudoers and the processes of one host, so one runs at a time.
  const command = [process.execPath, 'test/host/run.ts', '--', 'tap', '--disable-coverage', '--jobs=1', '--timeout=300']
  const [file = '', ...args] = [...command, ...files]
  const child = spawn(file, args, { cwd: root, stdio: 'inherit', env: { ...process.env, HOST_OUT: out } })
  const stop = () => child.kill('SIGTERM')
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  try {
    const [status] = (await once(child, 'close')) as [number | null]
    const rows = globSync(join(out, 'rows/*.json')).map(path => JSON.parse(readFileSync(path, 'utf8')) as Row)
    return { status: status ?? 70, rows }
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
}

/** Compares the committed page with a run; returns the exit status. */
function comparePage(text: string): number {
  if (readFileSync(page, 'utf8') === text) return 0
  process.stderr.write('docs/reference/attacks.md is stale: node test/attacks/run.ts --write\n')
  return 1
}

async function main(args: readonly string[]): Promise<number> {
  const missing = hostMissing()
  if (missing !== undefined) {
    process.stderr.write(`${missing}\n`)
    return 77
  }
  const chosen = args.filter(argument => argument !== '--write')
  const all = globSync('test/attacks/*.test.ts', { cwd: root }).sort()
  // A table that is about to be written is not judged.
  const judged = args.includes('--write') ? all.filter(file => !file.endsWith('/table.test.ts')) : all
  const files = chosen.length > 0 ? chosen : judged
  let protection: Protection | undefined
  try {
    protection = await protectSymlinks()
    const { status, rows } = await attacks(files)
    const isWritten = args.includes('--write')
    if (chosen.length > 0 && !isWritten) return status
    const others = chosen.length > 0 ? parseTable(readFileSync(page, 'utf8')) : []
    const text = renderTable([...others, ...rows])
    if (!isWritten) return status === 0 ? comparePage(text) : status
    writeFileSync(page, text)
    return status
  } finally {
    await protection?.release()
  }
}

process.exitCode = await main(process.argv.slice(2))
