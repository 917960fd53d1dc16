import { execFile } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { Figure } from '../figure.ts'
import { median, spread, timed } from '../statistics.ts'

const start = promisify(execFile)

/** What importing the built library at `file` adds to the start of Node, both as modules, in turns. */
export async function importTime(file: string, rounds: number): Promise<Figure> {
  const module = (code: string) => () => start(process.execPath, ['--input-type=module', '--eval', code], { env: {} })
  const ways = [module(''), module(`import ${JSON.stringify(pathToFileURL(file).href)}`)] as const
  const [bare, imported]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds + 3; round++) {
    const times = [await timed(ways[0]), await timed(ways[1])] as const
    if (round < 3) continue
    bare.push(times[0])
    imported.push(times[1])
  }
  return {
    name: 'import of the built library over bare Node',
    value: median(imported) - median(bare),
    unit: 'ms',
    target: { atMost: 40 },
    cases: { 'node alone': spread(bare), 'node with the library': spread(imported) },
  }
}
