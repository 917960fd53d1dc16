import type { AuditPage, Places } from '../../contract.ts'
import { list, shown, table } from '../output.ts'
import { wholeNumber } from '../values.ts'
import { verb } from '../verb.ts'

const gib = (bytes: number): string => `${Math.round(bytes / 2 ** 30)} GiB`

/** `places`: what an install may name. */
export const places = verb({
  command: 'places',
  describe: 'List storages, bridges and templates',
  run: async (_, client) => {
    const found = await client().get<Places>('/places')
    const rows = found.storages.map(({ name, type, free, total }) => [shown(name), shown(type), gib(free), gib(total)])
    const text = [
      table(['STORAGE', 'TYPE', 'FREE', 'SIZE'], rows),
      list([
        ['Bridges', found.bridges.map(({ name }) => shown(name)).join(', ') || 'none'],
        ['Templates', found.templates.map(name => shown(name)).join(', ') || 'none'],
      ]),
    ].join('\n')
    return { data: { places: found }, text }
  },
})

/** `audit`: what was done as root. Its exit status is 78 when the trail is broken. */
export const audit = verb<{ limit: string; before?: string }>({
  command: 'audit',
  describe: 'Show what was done as root, and whether the record of it is whole',
  builder: yargs =>
    yargs.option('limit', { type: 'string', requiresArg: true, default: '50' }).option('before', {
      type: 'string',
      requiresArg: true,
      describe: 'Id of the record before which to go on',
    }) as never,
  run: async ({ limit, before }, client) => {
    const query = new URLSearchParams({ limit: String(wholeNumber(limit, 'limit')), ...(before && { before }) })
    const found = await client().get<AuditPage>(`/audit?${query}`)
    const { records, verification } = found
    const rows = records.map(({ at, command, phase, outcome, text }) => [
      ...[shown(at), shown(command), phase, shown(outcome ?? '-'), shown(text, 120)],
    ])
    const text = [
      `${verification.state}: ${shown(verification.text, 300)}`,
      ...(rows.length === 0 ? [] : [table(['TIME', 'COMMAND', 'PHASE', 'OUTCOME', 'WHAT'], rows)]),
    ].join('\n')
    return { data: found, text, exit: verification.state === 'broken' ? 78 : 0 }
  },
})
