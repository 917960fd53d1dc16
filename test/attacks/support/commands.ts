import { argument, datasetBelow, defineCommand, program } from '../../../packages/privexec/src/index.ts'
import { rootCommands } from '../../root/support/commands.ts'

/** A root program of the tests' own that prints what it finds: directory, environment, descriptors, limits, signals. */
export const probe = defineCommand({
  id: 'test.probe',
  summary: 'Prints its surroundings',
  program: program('/usr/local/sbin/probe'),
  argv: ['show', argument('name', datasetBelow('base'))],
})

export const testCommands = [probe, ...rootCommands] as const
