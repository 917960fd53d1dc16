import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readArgv } from '../../packages/privexec/src/command/argv.ts'
import { literal, loadPolicy, oneOf, repeat } from '../../packages/privexec/src/index.ts'
import { attack } from './support/attack.ts'
import { anyStarted, execFrame, mountFrame, pushFrame } from './support/frames.ts'
import { exec, library, push, reachedSudo } from './support/library.ts'
import { askPgd, askStore } from './support/root-side.ts'
import {
  any,
  appears,
  canaryFile,
  drop,
  inContainer,
  leaks,
  legalExec,
  legalPush,
  markerOf,
  nsenterRule,
  operation,
  ownDirectory,
  pct,
  place,
  ran,
  readPolicy,
  root,
  setScene,
  skip,
  sudo,
  sudoAll,
} from './support/scene.ts'

setScene({ containers: true, zfs: true })
if (skip === false) mkdirSync(ownDirectory, { recursive: true })

const leaked = inContainer(20001, '/root/leaked')
const upward = `${ownDirectory}/../../../../..${canaryFile}`

attack({
  id: 'A01',
  title: 'a second path, or dot-dot after an allowed prefix, pushes no file of root into a container',
  shown: 'a rule that ends in `push/* /root/*` reads a file that only root may read',
  stoppedBy: 'no wildcard; the source is a flat name of 32 random digits in a directory that root owns',
  rules: `appstore ALL=(root) NOPASSWD: ${nsenterRule} /usr/sbin/pct push 20001 ${ownDirectory}/* /root/*\n`,
  baseline: () => leaks(leaked, () => sudo('appstore', pct('push', '20001', upward, '/root/leaked'))),
  ours: {
    library: () =>
      leaks(leaked, async () => {
        const answers = await library('appstore', [
          { command: 'pct.push', input: { vmid: 20001, content: upward, destination: '/root/leaked' } },
          { command: 'pct.push', input: { vmid: 20001, file: upward, destination: '/root/leaked' } },
        ])
        if (reachedSudo(answers)) throw new Error('a path was taken for content')
      }),
    sudo: () =>
      any(
        [
          [upward, '/root/leaked'],
          [`${drop}/../../../../../..${canaryFile}`, '/root/leaked'],
          [`${drop}/${operation()}/../../../../../../..${canaryFile}`, '/root/leaked'],
          [`${drop}/${operation()}`, canaryFile, '/root/leaked'],
        ],
        paths => leaks(leaked, () => sudo('appstore', pct('push', '20001', ...paths))),
      ),
    daemon: () =>
      leaks(leaked, async () => {
        const fields = ['content', 'file', 'source', 'path'].map(field =>
          pushFrame('/root/leaked', { [field]: upward }),
        )
        if (anyStarted(await askStore(fields))) throw new Error('a path was taken')
        await askStore([pushFrame('/root/leaked'), pushFrame(canaryFile)], canaryFile)
      }),
  },
  onDaemon: {
    stoppedBy: 'a request has no path to read from: content comes as bytes, on the connection',
  },
})

/** Argvs that sudo sees as the same text: neighbours, or all that follows, as one element; none inside the tail alone. */
function* merges(argv: readonly string[], tail = argv.length): Generator<string[]> {
  for (let from = 1; from < argv.length - 1; from++) {
    for (const to of new Set([from + 2, tail, argv.length])) {
      if (from < tail && to > from + 1 && to <= argv.length)
        yield [...argv.slice(0, from), argv.slice(from, to).join(' '), ...argv.slice(to)]
    }
  }
}

attack({
  id: 'A02',
  title: 'an argv whose elements are joined differently from those that the rule means does nothing',
  shown: 'an exact rule `rm /root/old /root/new` deletes the file `/root/old /root/new`, handed over as one element',
  stoppedBy:
    'middle arguments hold no blank, so what merges is a word that nsenter, pct or zfs refuses; the library compares by element',
  remains: 'classic sudo lets the merged argv start; therefore the program of `pct.exec` is not for a policy to narrow',
  rules: `appstore ALL=(root) NOPASSWD: ${nsenterRule} /usr/sbin/pct exec 20001 -- /bin/rm /root/old /root/new\n`,
  baseline: async () => {
    const other = place(20001, '/root/old /root/new', '')
    await sudo('appstore', pct('exec', '20001', '--', '/bin/rm', '/root/old /root/new'))
    return !existsSync(other)
  },
  ours: {
    definition: async () => {
      const policy = await loadPolicy(join(root, 'policies/appstore.yaml'))
      const [execGrant, pushGrant] = policy.grants
      const lines = [
        { slots: execGrant?.slots ?? [], argv: legalExec(20001, ['touch', '/root/merged']), tail: 11 },
        { slots: pushGrant?.slots ?? [], argv: legalPush(`${drop}/${operation()}`, '/root/merged', '--perms', '0644') },
      ]
      for (const { slots, argv } of lines) if (!readArgv(slots, argv.slice(1))) throw new Error('not a legal argv')
      return lines.some(({ slots, argv, tail }) =>
        [...merges(argv, tail)].some(merged => readArgv(slots, merged.slice(1)) !== undefined),
      )
    },
    sudo: async () => {
      const file = `${drop}/${operation()}`
      writeFileSync(file, 'content')
      const pushes = [...merges(legalPush(file, '/root/merged'))]
      const runs = [...merges(legalExec(20001, ['touch', '/root/merged']), 11)]
      const made = await appears(inContainer(20001, '/root/merged'), () => sudoAll('appstore', [...pushes, ...runs]))
      rmSync(file)
      return made
    },
    daemon: async () => {
      const merged = [
        ['touch /root/merged'],
        ['env touch /root/merged'],
        'touch /root/merged',
        [['touch', '/root/merged']],
      ]
      const made = await appears(inContainer(20001, '/root/merged'), () =>
        askStore([...merged.map(command => execFrame(command)), execFrame(['touch'], '20001 touch /root/merged')]),
      )
      return (
        made ||
        anyStarted(await askPgd([mountFrame('tank/pgd/databases/shop/main tank/other'), mountFrame(['tank', 'pgd'])]))
      )
    },
  },
  stillPossible: async () => {
    const mount = [
      '/usr/bin/nsenter',
      '--mount=/proc/1/ns/mnt',
      '--',
      '/usr/sbin/zfs mount',
      'tank/pgd/databases/shop/main',
    ]
    return ran(await sudo('alice', mount))
  },
  onDaemon: {
    stoppedBy: 'an argv is made of typed fields, element by element; no text is ever split or joined',
  },
})

attack({
  id: 'A08',
  title: 'no rule holds a construct that JavaScript and sudo read differently',
  shown: String.raw`the class [^/\s] lets a blank and an option pass, and an alternation without parentheses another container`,
  stoppedBy: 'patterns are built from functions that know only the common part; every rule is grouped and anchored',
  rules: [
    String.raw`appstore ALL=(root) NOPASSWD: /usr/bin/nsenter ^--mount=/proc/1/ns/mnt -- /usr/sbin/pct push 20001 ${ownDirectory}/[^/\s]+ /root/[^/\s]+$`,
    `appstore ALL=(root) NOPASSWD: /usr/bin/nsenter ^--mount=/proc/1/ns/mnt -- /usr/sbin/pct exec 20001 -- /bin/uptime|/bin/df$`,
    '',
  ].join('\n'),
  baseline: async () => {
    writeFileSync(`${ownDirectory}/file`, 'x')
    const option = await appears(inContainer(20001, '/root/file'), async () => {
      const pushed = await sudo('appstore', pct('push', '20001', `${ownDirectory}/file`, '/root/file', '--u', '0'))
      if (!ran(pushed)) throw new Error('the class took no blank')
    })
    const other = await appears(inContainer(104, '/root/touched'), () =>
      sudo('appstore', pct('exec', '104', '--', '/bin/touch', '/root/touched', '/bin/df')),
    )
    return option && other
  },
  ours: {
    definition: async () => {
      const constructs = [
        '\\d',
        '[^/]',
        '(?:a)',
        '(?=a)',
        '.*',
        '[[:alnum:]]',
        'a|b',
        '#',
        '$',
        '^',
        '*',
        '\\w',
        '{2}',
        '"',
      ]
      const takes = (text: string, make: (text: string) => unknown) => {
        try {
          make(text)
          return true
        } catch {
          return false
        }
      }
      const rendered = [...(await loadPolicy(join(root, 'policies/appstore.yaml'))).grants].map(
        grant => grant.pattern.source,
      )
      const strange = rendered.some(source => /\\|\[\^|\[:|\(\?|(?<!\[[^\]]*)[.*+](?![^[]*\])/.test(source))
      return strange || constructs.some(text => takes(text, literal) || takes(text, each => repeat(oneOf(each), 1)))
    },
    sudo: () =>
      any(
        [
          legalPush(`${drop}/${operation()}`, '/root/file', '--u', '0'),
          legalExec(20001, ['/bin/true']).concat('\n104'),
          pct('exec', '104', '--', '/bin/touch', '/root/touched', '/bin/df'),
          [...legalExec(20001, ['/bin/true']).slice(0, 10), markerOf('appstore')],
        ],
        async argv => ran(await sudo('appstore', argv)),
      ),
    daemon: async () =>
      anyStarted(
        await askStore([
          execFrame(['/bin/true\n104']),
          execFrame(['/bin/touch', '/root/touched', '/bin/df'], 104),
          execFrame(['/bin/true'], '20001|104'),
          pushFrame('/root/[^/]+'),
          pushFrame('/root/file --u 0'),
          pushFrame('/root/file', { perms: '0644|--user' }),
        ]),
      ),
  },
  onDaemon: {
    stoppedBy: 'one expression, one reader: the JavaScript of the definition decides on root’s side too',
  },
})

attack({
  id: 'A10',
  title: 'a rule that is too long for sudo is never rendered',
  shown:
    'sudo takes a deny rule of over 1,024 characters without a word and never matches it: container 104 is entered',
  stoppedBy: 'a definition or policy whose rule would be longer is an error; no rendered file denies anything by `!`',
  rules: `appstore ALL=(root) NOPASSWD: ${nsenterRule} /usr/sbin/pct exec *, !/usr/bin/nsenter ^--mount=/proc/1/ns/mnt -- /usr/sbin/pct exec (104|${Array.from({ length: 300 }, (_, at) => 200 + at).join('|')}) .*$\n`,
  baseline: () =>
    appears(inContainer(104, '/root/touched'), () =>
      sudo('appstore', pct('exec', '104', '--', '/bin/touch', '/root/touched')),
    ),
  ours: {
    definition: async () => {
      const long = Array.from({ length: 8 }, (_, at) => `/opt/${'x'.repeat(120)}${at}`).join(', ')
      const text = `policy: long\nsummary: Long\nprincipal: { user: appstore }\naudit: { file: /var/log/privexec/x }
grants:\n  - { command: pct.push, where: { vmid: 20000-20999, below: [${long}] }, timeout: 5m }\n`
      return readPolicy(text).then(
        () => true,
        (error: Error) => !/sudo never matches one over 1024/.test(error.message),
      )
    },
    library: async () =>
      reachedSudo(await library('appstore', [exec(['touch', '/root/x'], {}, 104), push('/root/x'.repeat(600), 'x')])),
    sudo: () =>
      appears(inContainer(104, '/root/touched'), () =>
        sudo('appstore', legalExec(104, ['/bin/touch', '/root/touched'])),
      ),
    daemon: () =>
      appears(inContainer(104, '/root/touched'), async () => {
        const long = [execFrame(['touch', 'x'.repeat(4000)]), pushFrame('/root/x'.repeat(600))]
        if (anyStarted(await askStore([execFrame(['touch', '/root/touched'], 104), ...long], '')))
          throw new Error('it ran')
      }),
  },
  onDaemon: {
    stoppedBy: 'no rule of sudo is asked, so there is no length to exceed; bounds are numbers and sets',
  },
})
