import { catalogue } from '../catalogue/index.ts'
import type { Command } from '../command/command.ts'
import { main } from './main.ts'

process.exit(await main(process.argv.slice(2), catalogue as readonly Command[]))
