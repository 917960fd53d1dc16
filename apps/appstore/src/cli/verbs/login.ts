import { hostname, userInfo } from 'node:os'
import { scopes } from '../../access/scope.ts'
import { AppstoreError } from '../../errors/error.ts'
import { confirm, readSecret } from '../ask.ts'
import { openClient } from '../client.ts'
import { keepLogin } from '../login.ts'
import { note } from '../output.ts'
import { verb } from '../verb.ts'

interface Args {
  readonly url: string
  readonly account: string
  readonly fingerprint?: string
}

/** `login`: makes a token for this account and keeps it. */
export const login = verb<Args>({
  command: 'login <url>',
  describe: 'Log this account in to a daemon',
  builder: yargs =>
    yargs
      .positional('url', { type: 'string', demandOption: true, describe: 'https://HOST:PORT' })
      .option('account', { type: 'string', requiresArg: true, default: 'admin', describe: 'Account of the app store' })
      .option('fingerprint', {
        type: 'string',
        requiresArg: true,
        describe: "SHA-256 of the daemon's certificate",
      }) as never,
  run: async args => {
    const fingerprint = args.fingerprint ?? (await ownFingerprint(args.url, args))
    const password = await readSecret(`Password of ${args.account}: `)
    const client = openClient({ url: args.url, fingerprint })
    const session = await client.loginForToken(args.account, password, `${userInfo().username}@${hostname()}`, scopes)
    const file = keepLogin({ url: args.url, token: session, ...(fingerprint === undefined ? {} : { fingerprint }) })
    return { data: { file }, text: `Logged in; the token is in ${file}` }
  },
})

/** A certificate that nobody vouches for is shown, and believed once somebody has compared it. */
async function ownFingerprint(url: string, args: Parameters<typeof confirm>[0]): Promise<string | undefined> {
  try {
    await openClient({ url }).get('/me')
  } catch (error) {
    const code = ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code ?? ''
    if (!/SELF_SIGNED|UNABLE_TO_VERIFY|CERT_/.test(code)) {
      if ((error as AppstoreError).code === 'APPSTORE_UNAUTHENTICATED') return undefined
      throw error
    }
  }
  const seen = await fingerprintOf(url)
  note(`SHA-256 of its certificate: ${seen}`)
  await confirm(args, 'Is that what the daemon shows?')
  return seen
}

async function fingerprintOf(url: string): Promise<string> {
  const { connect } = await import('node:tls')
  const { hostname: host, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const name = host.replace(/^\[|\]$/g, '')
    const socket = connect({ host: name, port: Number(port || 443), rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256)
      socket.destroy()
    })
    socket.on('error', cause =>
      reject(
        new AppstoreError('APPSTORE_STORE_UNAVAILABLE', `The daemon cannot be reached: ${cause.message}`, { cause }),
      ),
    )
  })
}
