import { table } from '../style.ts'
import { verb as make } from '../verb.ts'

/** `pgd diff`. */
export const verb = make({
  command: 'diff <left> <right>',
  describe: 'Show what differs between two branches: schema, and numbers of rows',
  builder: yargs =>
    yargs
      .positional('left', {
        type: 'string',
        demandOption: true,
        describe: 'project/branch, or the beginning of its id',
      })
      .positional('right', {
        type: 'string',
        demandOption: true,
        describe: 'project/branch, or the beginning of its id',
      })
      .option('database', { type: 'string', requiresArg: true, default: 'postgres', describe: 'Database to compare' })
      .example('$0 diff shop/main shop/dev', ''),
  run: async (pgd, { left, right, database }, options) => {
    const diff = await pgd.branches.diff(left, right, { ...options, database })
    const rows = diff.rows.map(row => [row.table, String(row.left ?? '-'), String(row.right ?? '-')])
    const parts = [diff.schema.trimEnd(), rows.length === 0 ? '' : table(['TABLE', diff.left, diff.right], rows)]
    const text = parts.filter(Boolean).join('\n\n')
    return { data: { diff }, text: text === '' ? 'Nothing differs' : text }
  },
})
