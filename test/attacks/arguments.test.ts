import { rmSync, writeFileSync } from 'node:fs'
import { attack } from './support/attack.ts'
import type { Request } from './support/client.ts'
import {
  anyAccepted,
  type Conversation,
  execFrame,
  mountFrame,
  pushFrame,
  rawRequest,
  speak,
} from './support/frames.ts'
import { exec, library, push, reachedSudo } from './support/library.ts'
import { askPgd, askStore } from './support/root-side.ts'
import {
  anyRan,
  appears,
  drop,
  inContainer,
  legalExec,
  legalPush,
  operation,
  pct,
  ran,
  setScene,
  sudo,
  zfs,
} from './support/scene.ts'

setScene({ containers: true, zfs: true })

const shop = 'tank/pgd/databases/shop/main'

/** All requests that have a value in one of the fields, and the argvs that somebody would make of it by hand. */
const requestsWith = (value: string): { appstore: Request[]; alice: Request[] } => ({
  appstore: [
    exec(['true'], {}, value),
    exec([value]),
    exec(['echo', value]),
    push(value, 'x'),
    push('/root/field', 'x', { perms: value }),
    push('/root/field', 'x', { user: value }),
    push('/root/field', 'x', { group: value }),
  ],
  alice: ['zfs.mount', 'zfs.unmount'].map(command => ({ command, input: { dataset: value } })),
})

const argvsWith = (value: string): [user: string, argv: string[]][] => [
  ['appstore', legalExec(value, ['true'])],
  ['appstore', legalExec(20001, [value])],
  ['appstore', legalExec(20001, ['true'], value)],
  ['appstore', legalPush(value, '/root/field')],
  ['appstore', legalPush(`${drop}/${operation()}`, value)],
  ['appstore', legalPush(`${drop}/${operation()}`, '/root/field', '--perms', value)],
  ['appstore', legalPush(`${drop}/${operation()}`, '/root/field', '--user', value)],
  ['appstore', legalPush(`${drop}/${operation()}`, '/root/field', '--group', value)],
  ['alice', zfs('mount', value)],
  ['alice', zfs('unmount', value)],
]

/** Whether sudo would have let through any request with one of the values, the library being asked. */
async function libraryTakes(values: readonly string[]): Promise<boolean> {
  const requests = values.map(requestsWith)
  const appstore = await library(
    'appstore',
    requests.flatMap(each => each.appstore),
  )
  const alice = await library(
    'alice',
    requests.flatMap(each => each.alice),
  )
  return reachedSudo([...appstore, ...alice])
}

/** The same, around the library. */
async function sudoTakes(values: readonly string[]): Promise<boolean> {
  const argvs = values.flatMap(argvsWith)
  const of = (user: string) => argvs.filter(([account]) => account === user).map(([, argv]) => argv)
  const appstore = await anyRan('appstore', of('appstore'))
  return (await anyRan('alice', of('alice'))) || appstore
}

/** Whether root lets in any request with one of the values in one of its fields. */
async function rootTakes(values: readonly string[]): Promise<boolean> {
  const store = values.flatMap(value => [
    execFrame(['true'], value),
    execFrame([value]),
    ...(/^[ -~]*$/.test(value) && value.length < 3000 ? [] : [execFrame(['echo', value])]),
    pushFrame(value),
    ...['perms', 'user', 'group'].map(field => pushFrame('/root/field', { [field]: value })),
  ])
  const pgd = values.flatMap(value => [mountFrame(value), mountFrame(value, 'unmount')])
  const answers = [...(await askStore(store, 'x')), ...(await askPgd(pgd))]
  if (answers.some(({ last }) => /[^ -~]/.test(String(last.message)))) throw new Error('an answer is not ASCII')
  return anyAccepted(answers)
}

const options = ['-a', '-o x', '--', '--keep-env', '-O', '--vmid=104', '-perms=0777']

attack({
  id: 'A03',
  title: 'an option in the place of any value is refused',
  shown: '`--keep-env 1` in front of the words for the container brings the environment of the host into it',
  stoppedBy:
    'no type has a value that begins with a hyphen, `--` stands before the tail, and the tail begins with a program',
  baseline: async () => {
    const injected = ['--keep-env', '1', '--', 'env']
    const { stdout } = await sudo('appstore', pct('exec', '20001', '--keep-env', '0', ...injected))
    return stdout.includes('SUDO_USER=appstore')
  },
  ours: {
    library: async () => {
      const words = options.filter(option => option !== '--')
      const answers = await library('appstore', [
        ...words.map(option => exec([option, 'env'])),
        ...words.flatMap(option => requestsWith(option).appstore.filter((_, index) => index !== 2)),
      ])
      return reachedSudo(answers)
    },
    sudo: async () => {
      const { stdout } = await sudo('appstore', pct('exec', '20001', '--keep-env', '0', '--keep-env', '1', '--', 'env'))
      return stdout.includes('SUDO_USER') || (await sudoTakes(options.slice(0, 3)))
    },
    daemon: () => rootTakes([...options.filter(option => option !== '--'), '--keep-env 1']),
  },
  onDaemon: {
    stoppedBy: 'the same types, checked again by root; nothing but a typed value becomes an argument',
  },
})

const controls = ['\n', '\r', '\t', '\u0001', '\u001b[2J', '\u007f', '\u0085', '\u000b']
/** What a control character does to values that are legal without it. */
const spoiled = ['20001', '/root/field', '0644', 'root', shop, 'true']

attack({
  id: 'A05',
  title: 'a control character in any field is refused',
  shown: 'the class `[^ ]` takes a newline: root makes a file with a newline in its name',
  stoppedBy: 'the types list the characters that they take, none of them a control character',
  rules: `appstore ALL=(root) NOPASSWD: /usr/bin/nsenter ^--mount=/proc/1/ns/mnt -- /usr/sbin/pct exec 20001 -- /bin/touch /root/[^ ]+$\n`,
  baseline: () =>
    appears(inContainer(20001, '/root/one\ntwo'), () =>
      sudo('appstore', pct('exec', '20001', '--', '/bin/touch', '/root/one\ntwo')),
    ),
  ours: {
    library: () =>
      libraryTakes(
        ['\0', ...controls].flatMap(control =>
          spoiled.flatMap(value => [value + control, `${value}${control}x`, control + value]),
        ),
      ),
    sudo: async () => {
      const file = inContainer(20001, '/root/one\ntwo')
      const made = await appears(file, () => sudo('appstore', legalExec(20001, ['/bin/touch', '/root/one\ntwo'])))
      const ends = controls.slice(0, 4).map((control, index) => `${spoiled[index % spoiled.length]}${control}`)
      return made || (await sudoTakes(ends))
    },
    daemon: () =>
      rootTakes(
        ['\0', ...controls].flatMap((control, at) => [
          `${spoiled[at % spoiled.length]}${control}`,
          control + spoiled[0],
        ]),
      ),
  },
  onDaemon: {
    stoppedBy: 'the same types, checked again by root',
  },
})

attack({
  id: 'A06',
  title: 'a lone surrogate or an overlong value is refused before it can become another value',
  shown: 'two names that JavaScript tells apart become one file: both lone surrogates are executed as U+FFFD',
  stoppedBy: 'the types take ASCII only, with a length; the message shows the value escaped',
  baseline: async () => {
    const names = ['/root/\ud800', '/root/\ud801']
    const files: boolean[] = []
    for (const name of names) {
      files.push(
        await appears(inContainer(20001, '/root/\ufffd'), () =>
          sudo('appstore', pct('exec', '20001', '--', 'touch', name)),
        ),
      )
    }
    return new Set(names).size === 2 && files.every(Boolean)
  },
  ours: {
    library: async () => {
      const long = 'x'.repeat(200_000)
      const [surrogate] = await library('appstore', [push('/root/\ud800', 'x')])
      if (!surrogate?.message?.includes(String.raw`\u{d800}`)) throw new Error('the value is not shown escaped')
      const component = `tank/pgd/databases/shop/${'x'.repeat(64)}`
      const deep = await library('alice', [{ command: 'zfs.mount', input: { dataset: component } }])
      return reachedSudo(deep) || (await libraryTakes(['/root/\ud800', '\udfff', `/root/${long}`, long]))
    },
    sudo: async () => {
      const replaced = await appears(inContainer(20001, '/root/\ufffd'), () =>
        sudo('appstore', legalExec(20001, ['touch', '/root/\ud800'])),
      )
      const long = `/root/${'x'.repeat(130)}`
      const longTail = legalExec(20001, ['echo', 'x'.repeat(4000)])
      return replaced || ran(await sudo('appstore', longTail)) || (await sudoTakes([long, '\ud800']))
    },
    daemon: async () => {
      const long = 'x'.repeat(60_000)
      // JSON can spell a lone surrogate, and bytes can be no UTF-8 at all.
      const spelled = ['\\ud800', '\\udfff'].map(
        text => `{"protocol":1,"command":"pct.exec","input":{"vmid":20001,"command":["touch","/root/${text}"]}}`,
      )
      const notText = Buffer.from(spelled[0]?.replace('\\ud800', 'bytes') ?? '')
      notText[notText.indexOf('bytes')] = 0xff
      const raw: Conversation = { policy: 'store_root', steps: [rawRequest(notText)] }
      const replaced = await appears(inContainer(20001, '/root/\ufffd'), async () => {
        if (anyAccepted([...(await askStore(spelled)), ...(await speak('appstore', [raw]))]))
          throw new Error('it was taken')
      })
      const component = anyAccepted(await askPgd([mountFrame(`${shop}${'x'.repeat(64)}`)]))
      return replaced || component || (await rootTakes(['/root/\ud800', `/root/${long}`, long]))
    },
  },
  onDaemon: {
    stoppedBy: 'a request is UTF-8 of at most 65,536 bytes or is refused; then the same types, which take ASCII',
  },
})

const lookAlikes = [
  '/root/pa\u0443pal',
  '/root/\u202etxt.cod',
  '/root/a\u200bb',
  '/root/ﬁle',
  '/root/\uff0e\uff0e/x',
  '２0001',
  'tank/pgd/databases/sh\u043ep/main',
  '/root/\u00e9',
]

attack({
  id: 'A07',
  title: 'look-alike, bidirectional and invisible characters are refused in every field',
  shown: 'a file whose name only looks like the one that was asked for appears in the container',
  stoppedBy: 'the types list ASCII characters; messages, audit and sudo log show anything else escaped',
  baseline: () =>
    appears(inContainer(20001, '/root/pa\u0443pal'), async () => {
      writeFileSync('/var/lib/appstore/file', 'x')
      await sudo('appstore', pct('push', '20001', '/var/lib/appstore/file', '/root/pa\u0443pal'))
      rmSync('/var/lib/appstore/file')
    }),
  ours: {
    library: async () => {
      const answers = await library(
        'appstore',
        lookAlikes.map(name => push(name, 'x')),
      )
      if (answers.some(({ message }) => /[^ -~]/.test(String(message)))) throw new Error('a message is not ASCII')
      return libraryTakes(lookAlikes)
    },
    sudo: () => sudoTakes(lookAlikes.slice(0, 3)),
    daemon: () => rootTakes(lookAlikes),
  },
  onDaemon: {
    stoppedBy: 'the same types; answers and root’s records show anything else escaped',
  },
})
