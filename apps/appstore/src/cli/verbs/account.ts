import { configFile } from '../../config/config.ts'
import { readSecret } from '../ask.ts'
import { verb, verbGroup } from '../verb.ts'

interface Args {
  readonly name: string
  readonly role: 'viewer' | 'operator' | 'admin'
  readonly config: string
  readonly state?: string
}

/** `account`: works on the database itself, so that there can be a first one. */
export const account = verbGroup('account', 'Make the first account, while the daemon does not run', [
  verb<Args>({
    command: 'add <name>',
    describe: 'Make an account; its password is read from the terminal or standard input',
    builder: yargs =>
      yargs
        .positional('name', { type: 'string', demandOption: true })
        .option('role', { choices: ['viewer', 'operator', 'admin'] as const, default: 'admin' as const })
        .option('config', { type: 'string', requiresArg: true, default: configFile })
        .option('state', { type: 'string', requiresArg: true, describe: 'Directory of the database' }) as never,
    run: async ({ name, role, config, state }) => {
      const { Accounts } = await import('../../access/accounts.ts')
      const { openStore } = await import('../../store/store.ts')
      const { loadConfig } = await import('../../config/load.ts')
      const store = openStore(state ?? loadConfig(config).state)
      try {
        await new Accounts(store.database).add(name, role, await readSecret(`Password of ${name}: `))
      } finally {
        store.close()
      }
      return { data: { name, role }, text: `The account ${name} is there` }
    },
  }) as never,
])
