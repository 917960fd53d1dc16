import { parseBytes } from '../../names/bytes.ts'
import { parseCpus } from '../../names/cpus.ts'
import { parseVersion } from '../../names/version.ts'
import { confirm } from '../confirm.ts'
import { verb as make, verbGroup } from '../verb.ts'
import { projectTable, projectText } from '../view.ts'

const create = make({
  command: 'create <project>',
  describe: 'Make a project with an empty database',
  builder: yargs =>
    yargs
      .positional('project', { type: 'string', demandOption: true, describe: 'Its name' })
      .option('image', { type: 'string', requiresArg: true, describe: 'Image of its containers' })
      .option('pg-version', { type: 'string', requiresArg: true, describe: 'Major version of PostgreSQL' })
      .option('memory', { type: 'string', requiresArg: true, describe: 'Limit for each server: 512m, 2g' })
      .option('cpus', { type: 'string', requiresArg: true, describe: 'Limit for each server: 0.5, 2' })
      .option('if-not-exists', { type: 'boolean', default: false, describe: 'Do nothing when there is one' })
      .example('$0 project create shop --pg-version 17', ''),
  run: async (pgd, args, options) => {
    const project = await pgd.projects.create(args.project, {
      ...options,
      ...(args.image === undefined ? {} : { image: args.image }),
      ...(args['pg-version'] === undefined ? {} : { version: parseVersion(args['pg-version'], 'pg-version') }),
      ...(args.memory === undefined ? {} : { memory: parseBytes(args.memory, 'memory') }),
      ...(args.cpus === undefined ? {} : { cpus: parseCpus(args.cpus) }),
      ...(args.runtime === undefined ? {} : { runtime: args.runtime }),
      ifNotExists: args['if-not-exists'],
    })
    const next = `\nConnect with pgd connect ${project.name}/main, or any client: pgd url ${project.name}/main`
    return { data: { project }, text: `${projectText(project)}${args.quiet ? '' : next}` }
  },
})

const adopt = make({
  command: 'adopt <project>',
  describe: 'Take over databases that lie in the storage below this name and are not of pgd',
  builder: yargs =>
    yargs
      .positional('project', { type: 'string', demandOption: true, describe: 'Its name, as pgd status shows it' })
      .option('image', { type: 'string', requiresArg: true, describe: 'Image of its containers' })
      .option('pg-version', { type: 'string', requiresArg: true, describe: 'Major version that its data must be of' })
      .example('$0 project adopt shop', 'Makes shop/main of tank/pgd/databases/shop/main'),
  run: async (pgd, args, options) => {
    const project = await pgd.projects.adopt(args.project, {
      ...options,
      ...(args.image === undefined ? {} : { image: args.image }),
      ...(args['pg-version'] === undefined ? {} : { version: parseVersion(args['pg-version'], 'pg-version') }),
      ...(args.runtime === undefined ? {} : { runtime: args.runtime }),
    })
    return { data: { project }, text: projectText(project) }
  },
})

const list = make({
  command: 'list',
  describe: 'List all projects',
  builder: yargs => yargs,
  run: async pgd => {
    const projects = await pgd.projects.list()
    return { data: { projects }, text: projectTable(projects) }
  },
})

const get = make({
  command: 'get <project>',
  describe: 'Show one project',
  builder: yargs => yargs.positional('project', { type: 'string', demandOption: true, describe: 'Name or id' }),
  run: async (pgd, { project: name }) => {
    const project = await pgd.projects.get(name)
    return { data: { project }, text: projectText(project) }
  },
})

const remove = make({
  command: 'delete <project>',
  describe: 'Delete a project with all of its branches',
  builder: yargs => yargs.positional('project', { type: 'string', demandOption: true, describe: 'Name or id' }),
  run: async (pgd, args, options) => {
    const { name, branches } = await pgd.projects.get(args.project)
    await confirm(args, `Delete the project ${name} with its ${branches} branches and all of their data?`)
    await pgd.projects.delete(name, options)
    return { data: { deleted: name }, text: '' }
  },
})

/** `pgd project …`. */
export const verb = verbGroup('project', 'Make, adopt, list, show and delete projects', [
  create,
  adopt,
  list,
  get,
  remove,
] as never)
