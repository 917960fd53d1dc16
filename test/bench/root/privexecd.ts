import type { Command } from '../../../packages/privexec/src/command/command.ts'
import { main } from '../../../packages/privexec/src/root/main.ts'
import { bare, nothing } from './commands.ts'

// `privexecd` of the benchmark; it is bundled as the installed one is.
process.exit(await main(process.argv.slice(2), [bare, nothing] as unknown as readonly Command[]))
