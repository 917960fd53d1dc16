import { catalogue } from '../../../packages/privexec/src/catalogue/index.ts'
import type { Command } from '../../../packages/privexec/src/command/command.ts'
import { main } from '../../../packages/privexec/src/root/main.ts'
import { rootCommands } from './commands.ts'

// `privexecd` of the tests: the catalogue, and the commands of the tests.
process.exit(await main(process.argv.slice(2), [...catalogue, ...rootCommands] as readonly Command[]))
