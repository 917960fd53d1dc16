import { configFile } from '../../config/config.ts'
import { confirm, readSecret } from '../ask.ts'
import { openClient } from '../client.ts'
import { findLogin, isLoggedIn } from '../login.ts'
import { shown, table } from '../output.ts'
import { verb, verbGroup } from '../verb.ts'

interface Account {
  readonly name: string
  readonly role: string
  readonly createdAt: number
}

interface Token {
  readonly id: string
  readonly account: string
  readonly label: string
  readonly scopes: readonly string[]
  readonly usedAt?: number
}

interface Session {
  readonly id: string
  readonly account: string
  readonly client: string
  readonly usedAt: number
}

const roles = ['viewer', 'operator', 'admin'] as const
const scopes = ['read', 'operate', 'install', 'console', 'admin'] as const
const when = (time: number | undefined): string => (time === undefined ? 'never' : new Date(time).toISOString())
const named = (yargs: { positional: (name: string, options: object) => unknown }, name: string) =>
  yargs.positional(name, { type: 'string', demandOption: true }) as never

interface Adding {
  readonly name: string
  readonly role: (typeof roles)[number]
  readonly config?: string
  readonly state?: string
}

/** Writes into the database itself, so that there can be a first account; the daemon need not run. */
async function addHere({ name, role, config = configFile, state }: Adding, password: string): Promise<void> {
  const { Accounts } = await import('../../access/accounts.ts')
  const { openStore } = await import('../../store/store.ts')
  const { loadConfig } = await import('../../config/load.ts')
  const store = openStore(state ?? loadConfig(config).state)
  try {
    await new Accounts(store.database).add(name, role, password)
  } finally {
    store.close()
  }
}

/** `account`: who may log in. */
export const account = verbGroup('account', 'Accounts: who may log in', [
  verb({
    command: 'list',
    describe: 'List accounts',
    run: async (_, client) => {
      const found = await client().get<{ accounts: Account[] }>('/accounts')
      const rows = found.accounts.map(({ name, role, createdAt }) => [shown(name), role, when(createdAt)])
      return { data: found, text: table(['ACCOUNT', 'ROLE', 'SINCE'], rows) }
    },
  }) as never,
  verb<Adding>({
    command: 'add <name>',
    describe:
      'Make an account, by the daemon or, where nobody is logged in, in its database; its password is read from the terminal or standard input',
    builder: yargs =>
      yargs
        .positional('name', { type: 'string', demandOption: true })
        .option('role', { choices: roles, default: 'admin' as const })
        .option('config', { type: 'string', requiresArg: true, describe: 'Configuration that names the database' })
        .option('state', { type: 'string', requiresArg: true, describe: 'Directory of the database' }) as never,
    run: async (args, client) => {
      const { name, role, config, state } = args
      const password = await readSecret(`Password of ${shown(name)}: `)
      const isHere = config !== undefined || state !== undefined || !isLoggedIn()
      if (isHere) await addHere(args, password)
      else await client().send('POST', '/accounts', { name, role, password })
      return { data: { name, role }, text: `The account ${shown(name)} is there` }
    },
  }) as never,
  verb<{ name: string; role: string }>({
    command: 'role <name> <role>',
    describe: 'Change what an account may do',
    builder: yargs =>
      (named(yargs as never, 'name') as typeof yargs).positional('role', {
        choices: roles,
        demandOption: true,
      }) as never,
    run: async ({ name, role }, client) => {
      await client().send('PATCH', `/accounts/${encodeURIComponent(name)}`, { role })
      return { data: { name, role }, text: `The account ${shown(name)} is ${role}` }
    },
  }) as never,
  verb<{ name: string }>({
    command: 'remove <name>',
    describe: 'Remove an account, its sessions and tokens',
    builder: yargs => named(yargs as never, 'name'),
    run: async ({ name, ...args }, client) => {
      await confirm(args, `Remove the account ${shown(name)}?`)
      await client().send('DELETE', `/accounts/${encodeURIComponent(name)}`)
      return { data: { name }, text: '' }
    },
  }) as never,
  verb({
    command: 'password',
    describe:
      'Change the own password, which ends all sessions of the account; two lines of standard input, the old one first',
    run: async (_, client) => {
      const [current, next] = process.stdin.isTTY
        ? [await readSecret('Password now: '), await readSecret('New password: ')]
        : await twoLines()
      await client().send('PUT', '/me/password', { current, next })
      return { data: {}, text: 'The password is changed' }
    },
  }) as never,
])

async function twoLines(): Promise<readonly string[]> {
  let text = ''
  for await (const chunk of process.stdin) text += String(chunk)
  return text.split('\n')
}

/** `token`: what programs log in with. */
export const token = verbGroup('token', 'Tokens: what programs log in with', [
  verb({
    command: 'list',
    describe: 'List tokens; administrators see all',
    run: async (_, client) => {
      const found = await client().get<{ tokens: Token[] }>('/tokens')
      const rows = found.tokens.map(each => [
        ...[each.id, shown(each.label), shown(each.account), each.scopes.join(','), when(each.usedAt)],
      ])
      return { data: found, text: table(['TOKEN', 'LABEL', 'ACCOUNT', 'MAY', 'USED'], rows) }
    },
  }) as never,
  verb<{ label: string; scope: readonly (typeof scopes)[number][]; account: string }>({
    command: 'make <label>',
    describe: "Make a token and print it, this once; asks for the account's password, for a token makes no tokens",
    builder: yargs =>
      (named(yargs as never, 'label') as typeof yargs)
        .option('scope', { choices: scopes, array: true, nargs: 1, default: ['read'], describe: 'What it may do' })
        .option('account', { type: 'string', requiresArg: true, default: 'admin' }) as never,
    run: async ({ label, scope, account: name }) => {
      const { url, fingerprint } = findLogin()
      const password = await readSecret(`Password of ${shown(name)}: `)
      const text = await openClient({ url, fingerprint }).loginForToken(name, password, label, scope)
      return { data: { token: text }, text }
    },
  }) as never,
  verb<{ token: string }>({
    command: 'remove <token>',
    describe: 'Remove a token, by its id',
    builder: yargs => named(yargs as never, 'token'),
    run: async ({ token: id }, client) => {
      await client().send('DELETE', `/tokens/${encodeURIComponent(id)}`)
      return { data: { token: id }, text: '' }
    },
  }) as never,
])

/** `session`: browsers that are logged in. */
export const session = verbGroup('session', 'Sessions: browsers that are logged in', [
  verb({
    command: 'list',
    describe: 'List sessions; administrators see all',
    run: async (_, client) => {
      const found = await client().get<{ sessions: Session[] }>('/sessions')
      const rows = found.sessions.map(each => [each.id, shown(each.account), when(each.usedAt), shown(each.client, 60)])
      return { data: found, text: table(['SESSION', 'ACCOUNT', 'USED', 'CLIENT'], rows) }
    },
  }) as never,
  verb<{ session: string }>({
    command: 'end <session>',
    describe: 'End a session',
    builder: yargs => named(yargs as never, 'session'),
    run: async ({ session: id }, client) => {
      await client().send('DELETE', `/sessions/${encodeURIComponent(id)}`)
      return { data: { session: id }, text: '' }
    },
  }) as never,
])
