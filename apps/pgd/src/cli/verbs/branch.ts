import type { CreateBranch } from '../../api.ts'
import { parseBytes } from '../../names/bytes.ts'
import { parseCpus } from '../../names/cpus.ts'
import { parseInstant } from '../../names/instant.ts'
import { parsePort } from '../../names/port.ts'
import { parseSpan } from '../../names/span.ts'
import type { Pgd } from '../../pgd.ts'
import { confirm } from '../confirm.ts'
import { usage } from '../failure.ts'
import { verb as make, verbGroup } from '../verb.ts'
import { branchTable, branchText } from '../view.ts'
import { branchVerb, named } from './branch-verb.ts'

const create = make({
  command: 'create <branch>',
  describe: 'Make a branch with the data of another one',
  builder: yargs =>
    named(yargs)
      .option('parent', {
        type: 'string',
        requiresArg: true,
        describe: "Branch to take the data of; the project's main by default",
      })
      .option('at', { type: 'string', requiresArg: true, describe: 'As they were: 2026-01-31T08:00:00Z, "10m ago"' })
      .option('snapshot', { type: 'string', requiresArg: true, describe: 'As a snapshot kept them, by id' })
      .option('ttl', {
        type: 'string',
        requiresArg: true,
        describe: 'Time to live, after which pgd gc deletes it: 2h, 7d',
      })
      .option('label', { type: 'string', requiresArg: true, describe: 'A word to find it by' })
      .option('memory', { type: 'string', requiresArg: true, describe: 'Limit for its server: 512m, 2g' })
      .option('cpus', { type: 'string', requiresArg: true, describe: 'Limit for its server: 0.5, 2' })
      .option('port', { type: 'string', requiresArg: true, describe: 'Port to have; a free one by default' })
      .option('ephemeral', { type: 'boolean', default: false, describe: 'It goes away with the shell that made it' })
      .option('if-not-exists', { type: 'boolean', default: false, describe: 'Do nothing when there is one' })
      .example('$0 branch create shop/dev', 'With the present data of shop/main')
      .example('$0 branch create shop/bug --at 2026-01-31T08:00:00Z --ttl 2d', 'As they were, for two days'),
  run: async (pgd, args, options) => {
    const { parent, at, snapshot, ttl, label, memory, cpus, port, ephemeral } = args
    const wish: CreateBranch = {
      ...options,
      ...(parent === undefined ? {} : { parent }),
      ...(at === undefined ? {} : { at: parseInstant(at, 'at') }),
      ...(snapshot === undefined ? {} : { snapshot }),
      ...(ttl === undefined ? {} : { ttl: parseSpan(ttl, 'ttl') }),
      ...(label === undefined ? {} : { label }),
      ...(memory === undefined ? {} : { memory: parseBytes(memory, 'memory') }),
      ...(cpus === undefined ? {} : { cpus: parseCpus(cpus) }),
      ...(port === undefined ? {} : { port: parsePort(port) }),
      ...(ephemeral ? { ephemeral: process.ppid } : {}),
      ifNotExists: args['if-not-exists'],
    }
    const branch = await pgd.branches.create(args.branch, wish)
    return { data: { branch }, text: branchText(branch) }
  },
})

const list = make({
  command: 'list [project]',
  describe: 'List the branches of a project, or all',
  builder: yargs => yargs.positional('project', { type: 'string', describe: 'Name or id' }),
  run: async (pgd, { project }) => {
    const branches = await pgd.branches.list(project)
    return { data: { branches }, text: branchTable(branches) }
  },
})

const get = branchVerb('get <branch>', 'Show one branch', (pgd, name) => pgd.branches.get(name))

/** Name of a branch for question and answer; looked up where somebody is asked, or a short id was given. */
const wholeName = async (pgd: Pgd, { branch, yes }: { readonly branch: string; readonly yes: boolean }) =>
  yes && branch.includes('/') ? branch : (await pgd.branches.get(branch)).name

const reset = make({
  command: 'reset <branch>',
  describe: "Give a branch its parent's data; what it had is kept for a day",
  builder: yargs =>
    named(yargs)
      .option('at', { type: 'string', requiresArg: true, describe: 'As they were: 2026-01-31T08:00:00Z, "10m ago"' })
      .option('snapshot', {
        type: 'string',
        requiresArg: true,
        describe: 'As a snapshot of the parent kept them, by id',
      })
      .option('undo', { type: 'boolean', default: false, describe: 'Take the last reset back' })
      .example('$0 branch reset shop/dev', '')
      .example('$0 branch reset shop/dev --undo', ''),
  run: async (pgd, args, options) => {
    const { at, snapshot, undo } = args
    if (undo && (at !== undefined || snapshot !== undefined)) throw usage('--undo takes neither --at nor --snapshot')
    const name = await wholeName(pgd, args)
    await confirm(args, undo ? `Take back the reset of ${name}?` : `Replace the data of ${name}?`)
    const branch = undo
      ? await pgd.branches.undoReset(name, options)
      : await pgd.branches.reset(name, {
          ...options,
          ...(at === undefined ? {} : { at: parseInstant(at, 'at') }),
          ...(snapshot === undefined ? {} : { snapshot }),
        })
    return { data: { branch }, text: branchText(branch) }
  },
})

const remove = make({
  command: 'delete <branch>',
  describe: 'Delete a branch with its data',
  builder: yargs => named(yargs),
  run: async (pgd, args, options) => {
    const name = await wholeName(pgd, args)
    await confirm(args, `Delete ${name} with all of its data?`)
    await pgd.branches.delete(name, options)
    return { data: { deleted: name }, text: '' }
  },
})

const start = branchVerb('start <branch>', 'Start the server of a branch', (pgd, name, options) =>
  pgd.branches.start(name, options),
)

const stop = branchVerb('stop <branch>', 'Stop the server of a branch', (pgd, name, options) =>
  pgd.branches.stop(name, options),
)

const restart = make({
  command: 'restart <branch>',
  describe: 'Stop the server of a branch and start it again',
  builder: yargs => named(yargs).option('port', { type: 'string', requiresArg: true, describe: 'With another port' }),
  run: async (pgd, { branch: name, port }, options) => {
    const wish = port === undefined ? {} : { port: parsePort(port) }
    const branch = await pgd.branches.restart(name, { ...options, ...wish })
    return { data: { branch }, text: branchText(branch) }
  },
})

const rename = make({
  command: 'rename <branch> <name>',
  describe: 'Give a branch another name in its project',
  builder: yargs =>
    named(yargs)
      .positional('name', { type: 'string', demandOption: true, describe: 'The new name, without the project' })
      .example('$0 branch rename shop/dev feature-7', ''),
  run: async (pgd, { branch: name, name: to }, options) => {
    const branch = await pgd.branches.rename(name, to, options)
    return { data: { branch }, text: branchText(branch) }
  },
})

const protect = make({
  command: 'protect <branch>',
  describe: 'Keep a branch from being deleted or reset',
  builder: yargs => named(yargs).option('off', { type: 'boolean', default: false, describe: 'Lift it' }),
  run: async (pgd, { branch: name, off }, options) => {
    const branch = await pgd.branches.protect(name, !off, options)
    return { data: { branch }, text: branchText(branch) }
  },
})

const promote = branchVerb('promote <branch>', 'Make a branch independent of its parent', (pgd, name, options) =>
  pgd.branches.promote(name, options),
)

const verbs = [create, list, get, reset, remove, start, stop, restart, rename, protect, promote]

/** `pgd branch …`. */
export const verb = verbGroup('branch', 'Make, list, show, reset, start, stop and delete branches', verbs as never)
