import { argument, datasetBelow, defineCommand, program } from '../../packages/privexec/src/index.ts'

/** A command of the tests' own, as a user of the library would add one: a root program that will not go. */
export const stubborn = defineCommand({
  id: 'test.stubborn',
  summary: 'Ignores signals and forks away',
  program: program('/usr/local/sbin/stubborn'),
  argv: ['stay', argument('name', datasetBelow('base'))],
})

/** A command whose program does not exist. */
export const absent = defineCommand({
  id: 'test.absent',
  summary: 'Is not installed',
  program: program('/usr/local/sbin/absent'),
  argv: ['run', argument('name', datasetBelow('base'))],
})

export const testCommands = [stubborn, absent] as const
