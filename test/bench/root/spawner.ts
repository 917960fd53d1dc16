import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { timed } from '../statistics.ts'

// Root's bare `spawn`, with nothing around it: takes an argv as a line of JSON, runs it, answers with the milliseconds
// that it took here. nsenter needs root, so the account cannot measure it.

for await (const line of createInterface(process.stdin)) {
  const [file = '', ...args] = JSON.parse(line) as string[]
  const time = await timed(async () => {
    const child = spawn(file, args, { cwd: '/', env: { LC_ALL: 'C' } })
    child.stdin.end()
    for (const stream of [child.stdout, child.stderr]) stream.resume()
    const [code] = await once(child, 'close')
    if (code !== 0) throw new Error(`${file} exited with ${code}`)
  })
  process.stdout.write(`${time}\n`)
}
