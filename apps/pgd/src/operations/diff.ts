import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { CallOptions, DiffView } from '../api.ts'
import type { Context } from '../context.ts'
import { showRef } from '../names/ref.ts'
import { withSession } from '../postgres/connect.ts'
import type { Runtime, Tool } from '../runtime/runtime.ts'
import { layoutBelow } from '../serve/layout.ts'
import { kindOf, portWithin } from '../serve/serve.ts'
import { findProject, findReady } from '../world/find.ts'
import type { World } from '../world/world.ts'
import { refuseStopped } from './connection.ts'
import type { Ready } from './data.ts'
import { lookFor } from './look.ts'
import { run } from './run.ts'
import { type Call, calling } from './step.ts'

/** What differs between two branches: the schema of their database, and how many rows each table has. */
export const diffBranches = (
  context: Context,
  left: string,
  right: string,
  options: CallOptions & { readonly database?: string } = {},
): Promise<DiffView> =>
  calling(options, async call => {
    const world = await lookFor(context, left, right)
    const sides = [findReady(world, left, 'left'), findReady(world, right, 'right')] as const
    for (const side of sides) refuseStopped(side)
    const { database = 'postgres' } = options
    call.step('Reading both')
    const [[a, rowsA], [b, rowsB], { createTwoFilesPatch, FILE_HEADERS_ONLY }] = await Promise.all([
      read(context, world, sides[0], database, call),
      read(context, world, sides[1], database, call),
      import('diff'),
    ])
    const names = [showRef(sides[0]), showRef(sides[1])] as const
    const schema =
      a === b
        ? ''
        : createTwoFilesPatch(names[0], names[1], a, b, undefined, undefined, { headerOptions: FILE_HEADERS_ONLY })
    const tables = [...new Set([...rowsA.keys(), ...rowsB.keys()])].sort()
    const rows = tables.map(table => ({ table, ...count('left', rowsA, table), ...count('right', rowsB, table) }))
    return { left: names[0], right: names[1], schema, rows: rows.filter(row => row.left !== row.right) }
  })

const count = <Side extends string>(side: Side, rows: ReadonlyMap<string, number>, table: string) =>
  (rows.has(table) ? { [side]: rows.get(table) } : {}) as { readonly [key in Side]?: number }

async function read(
  context: Context,
  world: World,
  branch: Ready,
  database: string,
  call: Call,
): Promise<[string, Map<string, number>]> {
  const { facts: project } = findProject(world, branch.project)
  const runtime = await context.runtime(project.runtime)
  const { path } = branch.current
  const layout = runtime.layoutOf(path)
  const socket = ['-h', layout.run, '-p', String(portWithin(runtime, branch.current.facts)), '-U', 'postgres']
  const argv = ['pg_dump', '--schema-only', '--no-owner', ...socket, '-d', database] as const
  const [dump, rows] = await Promise.all([
    dumpOf(runtime, { argv: [...argv], kind: kindOf(project), volume: path, signal: call.signal }),
    rowsOf(path, database, call),
  ])
  return [withoutChance(dump), rows]
}

/** All that a program writes, however much. */
async function dumpOf(runtime: Runtime, tool: Tool): Promise<string> {
  const stdout = new PassThrough()
  const [dump] = await Promise.all([text(stdout), run(runtime, { ...tool, stdout }).finally(() => stdout.end())])
  return dump
}

/** pg_dump writes a random word around its text since August 2025 (`\restrict`). */
const withoutChance = (dump: string): string => dump.replace(/^\\(?:un)?restrict .*\n/gm, '')

const rowsOf = (path: string, database: string, call: Call): Promise<Map<string, number>> =>
  withSession({ run: layoutBelow(path).run, database, statementTimeout: 0, signal: call.signal }, async session => {
    const counts = new Map<string, number>()
    for (const { name, quoted } of await session.query<{ name: string; quoted: string }>(tables)) {
      const [row] = await session.query<{ count: string }>(`SELECT count(*) FROM ${quoted}`)
      counts.set(name, Number(row?.count))
    }
    return counts
  })

/** Tables of users; partitions are counted with what they are parts of. */
const tables = `
  SELECT format('%s.%s', nspname, relname) AS name, format('%I.%I', nspname, relname) AS quoted
  FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
  WHERE relkind IN ('r', 'p') AND NOT relispartition
    AND nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%'`
