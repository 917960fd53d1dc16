import { containerId } from '../../../packages/privexec/src/argument/container-id.ts'
import { defineCommand } from '../../../packages/privexec/src/command/define.ts'
import { inHostNamespace, program } from '../../../packages/privexec/src/command/program.ts'
import { argument } from '../../../packages/privexec/src/command/template.ts'

// Imported one by one, so that these commands may be bundled for root's process, which holds nothing but zod beside.

/** The cheapest privileged command there is, below nsenter as the real ones are. */
export const nothing = defineCommand({
  id: 'bench.nothing',
  summary: 'Do nothing',
  program: inHostNamespace('/usr/bin/true'),
  argv: [argument('vmid', containerId())],
})

/** The cheapest program there is, and nothing around it: what is measured is the way to it. */
export const bare = defineCommand({
  id: 'bench.bare',
  summary: 'Do nothing, started directly',
  program: program('/usr/bin/true'),
  argv: [argument('vmid', containerId())],
})
