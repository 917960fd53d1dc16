import { verifyAudit } from '../../packages/privexec/src/audit/verify.ts'
import { runAs } from '../host/service.ts'
import { attack } from './support/attack.ts'
import { throughHandedSocket } from './support/descriptors.ts'
import {
  ask,
  type Conversation,
  execFrame,
  type Heard,
  mountFrame,
  mustRefuse,
  rawRequest,
  speak,
} from './support/frames.ts'
import { askNaive, withNaive } from './support/naive/naive.ts'
import { askPgd, askStore, daemonOf, rootPolicies } from './support/root-side.ts'
import { any, anyRan, appears, as, inContainer, legalExec, ran, read, setScene, sudo, zfs } from './support/scene.ts'

setScene({ containers: true, zfs: true })

const touched = inContainer(20001, '/root/touched')
const touch = ['touch', '/root/touched']
const shop = 'tank/pgd/databases/shop/main'

/** The last record of the operations that root was asked for. */
const lastRecord = (file: string) => JSON.parse(read(file).trimEnd().split('\n').at(-1) ?? '{}')
const idOf = async (user: string): Promise<string> => (await runAs(user, ['id', '-u'])).stdout.trim()

/** Becomes an account that is in a group beside its own, as an administrator may have put it there. */
const inGroup = (user: string, group: string): string[] => [
  ...['setpriv', `--reuid=${user}`, `--regid=${user}`, `--groups=${group}`, '--reset-env', '--'],
]

attack({
  id: 'A39',
  title: 'nobody becomes another account by what a request, a name or a handed socket says',
  shown: 'a helper takes the name of the account from the request, and its socket is open to everybody',
  stoppedBy: 'sudo asks the kernel who calls; no variable of the environment says it',
  baseline: () =>
    withNaive(() =>
      appears(touched, () => askNaive('mallory', [{ user: 'appstore', verb: 'exec', vmid: 20001, command: touch }])),
    ),
  ours: {
    sudo: () =>
      appears(touched, async () => {
        const env = { USER: 'appstore', LOGNAME: 'appstore', SUDO_USER: 'appstore', SUDO_UID: await idOf('appstore') }
        await sudo('mallory', legalExec(20001, touch), { env })
        await as(
          'mallory',
          ['/usr/bin/sudo', '-n', '-u', 'appstore', '--', '/usr/bin/sudo', '-n', ...legalExec(20001, touch)],
          { env },
        )
      }),
    daemon: () =>
      appears(touched, async () => {
        const { policy } = await daemonOf(rootPolicies.store())
        const { file } = policy.audit
        const request = execFrame(touch, 20001, { caller: { id: '0', name: 'root' } })
        // The socket is not for her; nor does a name help, nor the group, since the policy is for one account.
        const [stranger] = await speak('mallory', [ask(policy.name, request)])
        if (stranger?.fault !== 'EACCES') throw new Error(`a stranger got ${JSON.stringify(stranger)}`)
        const named = ['user', 'uid', 'principal', 'pid'].map(name => ({ ...execFrame(touch), [name]: 'appstore' }))
        const member = await speakBy(inGroup('mallory', 'appstore'), [
          ask(policy.name, request),
          ...named.map(each => ask(policy.name, each)),
        ])
        mustRefuse(member, 'PRIVEXEC_PEER_REFUSED')
        // She connects, and has another account, or root, speak for her: who connected counts, whoever writes.
        mustRefuse([await handed(inGroup('mallory', 'appstore'), 'appstore', request)], 'PRIVEXEC_PEER_REFUSED')
        const { user } = lastRecord(file)
        if (user.id !== (await idOf('mallory'))) throw new Error(`it was recorded as ${JSON.stringify(user)}`)
      }),
  },
  onDaemon: {
    stoppedBy:
      'the kernel says who connected, by user id and at that moment, asked for the very socket (SO_PEERCRED); names in a request are for the record only, no process id is ever looked up',
    remains:
      'an account that hands its own connection to another one lends its right, as with every capability; it is recorded as the one who connected',
    honest: async () => {
      const { policy } = await daemonOf(rootPolicies.store())
      const ours = await appears(touched, () => askStore([execFrame(touch, 20001, { caller: { name: 'root' } })]))
      const { user, client } = lastRecord(policy.audit.file)
      return ours && user.name === 'appstore' && client.user.name === 'root'
    },
    stillPossible: async () => {
      const { policy } = await daemonOf(rootPolicies.store())
      const lent = await appears(touched, () =>
        throughHandedSocket('appstore', 'mallory', policy.name, execFrame(touch)),
      )
      return lent && lastRecord(policy.audit.file).user.name === 'appstore' && (await verifyAudit(policy.audit.file)).ok
    },
  },
})

/** As `speak`, by whatever the argv makes of root. */
const speakBy = (become: readonly string[], conversations: readonly Conversation[]): Promise<Heard[]> =>
  speak('root', conversations, { before: become, readOnly: false })

/** Somebody connects by whatever the argv makes of root, and an account writes the request. */
const handed = (become: readonly string[], writer: string, request: object): Promise<Heard> =>
  throughHandedSocket('root', writer, 'store_root', request, become)

attack({
  id: 'A40',
  title: 'what one consumer may ask for, another one may not, whatever it says',
  shown: 'the member of the database group says to be the app store, on the one socket for all, and enters a container',
  stoppedBy: 'each principal has rules of its own',
  baseline: () =>
    withNaive(() =>
      appears(touched, () => askNaive('alice', [{ user: 'appstore', verb: 'exec', vmid: 20001, command: touch }])),
    ),
  honest: async () =>
    ran(await sudo('appstore', legalExec(20001, ['true']))) && ran(await sudo('alice', zfs('mount', shop))),
  ours: {
    sudo: async () =>
      (await anyRan('alice', [legalExec(20001, touch)])) ||
      (await anyRan('appstore', [zfs('mount', shop), zfs('unmount', shop)])),
    daemon: async () => {
      await Promise.all([daemonOf(rootPolicies.store()), daemonOf(rootPolicies.pgd())])
      const foreign: [string, Conversation][] = [
        ['alice', ask('store_root', execFrame(touch))],
        ['alice', ask('store_root', mountFrame(shop))],
        ['appstore', ask('pgd_root', mountFrame(shop))],
        ['appstore', ask('pgd_root', execFrame(touch))],
      ]
      const connected = await any(
        foreign,
        async ([user, conversation]) => (await speak(user, [conversation]))[0]?.fault !== 'EACCES',
      )
      // On the socket that is theirs, a request of the other one's has no grant, and cannot name another policy.
      mustRefuse(await askPgd([execFrame(touch)]), 'PRIVEXEC_NOT_GRANTED')
      mustRefuse(await askStore([mountFrame(shop), mountFrame(shop, 'unmount')]), 'PRIVEXEC_NOT_GRANTED')
      const named = [{ policy: 'store_root' }, { policy: 'appstore' }, { consumer: 'appstore' }]
      const says = named.map(each => ask('pgd_root', { ...execFrame(touch), ...each }))
      mustRefuse(
        await speak('alice', [...says, { policy: 'pgd_root', steps: [rawRequest('store_root')] }]),
        'PRIVEXEC_PROTOCOL_INVALID',
      )
      return connected
    },
  },
  onDaemon: {
    stoppedBy:
      'a process and a socket for each policy, which only its principal can open; what a request says selects nothing',
  },
})
