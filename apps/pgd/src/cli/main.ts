#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { isAbsolute, join } from 'node:path'

// Help and version need no parser of command lines, which takes longer to load than all the rest.
const [, , first, second] = process.argv
if ((first === undefined || first === '--help' || first === '-h' || first === 'help') && second === undefined) {
  const { firstPage } = await import('./help.ts')
  const stream = first === undefined ? process.stderr : process.stdout
  stream.write(firstPage())
  process.exitCode = first === undefined ? 64 : 0
} else if (first === '--version' && (second === undefined || second === '--json')) {
  const about = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
  const { version } = about
  process.stdout.write(`${second === undefined ? version : JSON.stringify({ schema: 'pgd/1', version })}\n`)
} else {
  // What is in it is run, so it is no directory that others may write to, such as Node's own choice below /tmp; and HOME may
  // be somebody else's when root calls.
  const { XDG_CACHE_HOME: cache = '', HOME: home = '' } = process.env
  const base = isAbsolute(cache) ? cache : isAbsolute(home) ? join(home, '.cache') : undefined
  if (base !== undefined && process.getuid?.() !== 0) enableCompileCache(join(base, 'pgd'))
  const { runProgram } = await import('./program.ts')
  process.exitCode = await runProgram(process.argv.slice(2))
}
