import { randomBytes } from 'node:crypto'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { configFile } from '../../config/config.ts'
import { AppstoreError } from '../../errors/error.ts'
import { note, print, schema } from '../output.ts'
import { verb } from '../verb.ts'
import { version } from '../version.ts'

interface Args {
  readonly lab: boolean
  readonly config: string
  readonly port?: number
  readonly state?: string
  readonly catalog?: readonly string[]
  readonly 'log-level': 'silent' | 'warn' | 'info' | 'debug'
}

/** `serve`: the daemon. */
export const serveVerb = verb<Args>({
  command: 'serve',
  describe: 'Run the daemon: its API and its page',
  builder: yargs =>
    yargs
      .option('lab', { type: 'boolean', default: false, describe: 'Against a Proxmox API of its own, to try it out' })
      .option('config', { type: 'string', requiresArg: true, default: configFile, describe: 'Configuration' })
      .option('port', { type: 'number', requiresArg: true, describe: 'Port of the lab; default 8443' })
      .option('state', { type: 'string', requiresArg: true, describe: 'Directory of the lab' })
      .option('catalog', {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'Another catalog of the lab: a folder, or the address of a repository',
      })
      .option('log-level', { choices: ['silent', 'warn', 'info', 'debug'] as const, default: 'warn' as const })
      .example('$0 serve --lab', 'Try it out without a Proxmox host')
      .example('$0 serve --lab --catalog .', 'Try apps of your own, in the folder apps') as never,
  run: async args => {
    const { keepMemorySmall } = await import('../../daemon/memory.ts')
    keepMemorySmall()
    const { serve } = await import('../../daemon/serve.ts')
    const log = args['log-level']
    if (args.lab) {
      const { openLab } = await import('../../lab/open.ts')
      const { labAudit, labDoctor } = await import('../../lab/checks.ts')
      const state = args.state ?? join(process.env.XDG_STATE_HOME || join(homedir(), '.local/state'), 'appstore-lab')
      const lab = await openLab(state, portOf(args.port), args.catalog)
      const checks = { audit: labAudit(), doctor: labDoctor(lab) }
      const daemon = await serve({
        config: lab.config,
        surroundings: lab,
        version: version(),
        isLab: true,
        ...checks,
        log,
      })
      const password = await labPassword(daemon.accounts)
      const { url, fingerprint } = daemon
      if (args.json) {
        const token = daemon.tokens.create('admin', 'serve --lab', [
          'read',
          'operate',
          'install',
          'console',
          'admin',
        ]).text
        await print(
          JSON.stringify({ schema, url, fingerprint, account: 'admin', ...(password && { password }), token }),
        )
      } else {
        await print(`The app store is at ${url}`)
        note(`  SHA-256 of its certificate: ${fingerprint}`)
        note(
          password === undefined
            ? '  Log in as admin, with the password of before'
            : `  Log in as admin with the password ${password}`,
        )
        note(
          lab.withoutContainers === undefined
            ? '  Guests are containers of user namespaces'
            : `  Nothing runs in guests: ${lab.withoutContainers}`,
        )
      }
      return await untilEnd(async () => {
        await daemon.close()
        await lab.close()
      })
    }
    const { loadConfig } = await import('../../config/load.ts')
    const { openSurroundings } = await import('../../daemon/surroundings.ts')
    const { hostAudit } = await import('../../doctor/audit.ts')
    const { hostDoctor } = await import('../../doctor/doctor.ts')
    const config = loadConfig(args.config)
    const surroundings = await openSurroundings(config)
    const checks = { audit: hostAudit(config), doctor: hostDoctor(config, surroundings) }
    const daemon = await serve({ config, surroundings, version: version(), isLab: false, ...checks, log })
    note(`appstore: listening on ${daemon.url}, SHA-256 of the certificate ${daemon.fingerprint}`)
    if (daemon.accounts.list().length === 0)
      note('appstore: nobody can log in yet: appstore account add NAME --role admin')
    return await untilEnd(async () => {
      await daemon.close()
      await surroundings.close()
    })
  },
})

function portOf(port: number | undefined): number {
  if (port === undefined) return 8443
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new AppstoreError('APPSTORE_USAGE', '--port is a whole number from 0 to 65535', { field: 'port' })
}

/** Makes the account of a new lab; its password is shown once. */
async function labPassword(accounts: import('../../access/accounts.ts').Accounts): Promise<string | undefined> {
  if (accounts.list().length > 0) return undefined
  const password = randomBytes(12).toString('base64url')
  await accounts.add('admin', 'admin', password)
  return password
}

/** Runs until a signal comes, then ends in order; the second signal does not wait. */
async function untilEnd(close: () => Promise<void>): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let isEnding = false
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (isEnding) process.exit(1)
      isEnding = true
      resolve()
    })
  }
  await promise
  await close()
  return 0
}
