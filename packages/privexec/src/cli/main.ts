#!/usr/bin/env node
import { readFileSync } from 'node:fs'

// The version needs no parser of command lines, which takes longer to load than all the rest of this program.
const [, , first, second] = process.argv
if (first === '--version' && (second === undefined || second === '--json')) {
  const about = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
  const { version } = about
  process.stdout.write(`${second === undefined ? version : JSON.stringify({ version })}\n`)
} else {
  const { runProgram } = await import('./program.ts')
  process.exitCode = await runProgram(process.argv.slice(2))
}
