import { datasetBelow } from '../../../packages/privexec/src/argument/dataset.ts'
import { defineCommand } from '../../../packages/privexec/src/command/define.ts'
import { program } from '../../../packages/privexec/src/command/program.ts'
import { argument } from '../../../packages/privexec/src/command/template.ts'

// Imported one by one, so that these commands may be bundled for root's process, which holds nothing but zod beside.

const name = () => argument('name', datasetBelow('base'))

/** Does nothing, for counting and measuring. */
export const nothing = defineCommand({
  id: 'test.nothing',
  summary: 'Does nothing',
  program: program('/bin/true'),
  argv: [name()],
})

/** A shell script of root's with the name as its argument; its input, and a terminal, are the caller's. */
export const script = defineCommand({
  id: 'test.script',
  summary: 'Runs the script of the test',
  program: program('/usr/local/sbin/test-script'),
  argv: [name()],
  stdin: true,
  terminal: true,
})

/** Ignores what can be ignored, and forks away in every direction. */
export const stubborn = defineCommand({
  id: 'test.stubborn',
  summary: 'Ignores signals and forks away',
  program: program('/usr/local/sbin/stubborn'),
  argv: ['stay', name()],
})

/** A command whose program does not exist. */
export const absent = defineCommand({
  id: 'test.absent',
  summary: 'Is not installed',
  program: program('/usr/local/sbin/absent'),
  argv: ['run', name()],
})

/** Commands that only the tests of root's side have. */
export const rootCommands = [nothing, script, stubborn, absent] as const
