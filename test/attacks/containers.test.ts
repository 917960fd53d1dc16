import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { attack } from './support/attack.ts'
import { anyAccepted, execFrame, mustRefuse } from './support/frames.ts'
import { exec, library, reachedSudo } from './support/library.ts'
import { askStore, libraryByRoot } from './support/root-side.ts'
import {
  anyRan,
  appears,
  inContainer,
  legalExec,
  markerOf,
  nsenter,
  nsenterRule,
  pct,
  read,
  setScene,
  skip,
  sudo,
} from './support/scene.ts'

setScene()

const touched = '/root/touched'
const touch = ['touch', touched]

/** Ids that mean another container, none, or the same one in another spelling. */
const otherIds = [
  104,
  999,
  19999,
  21000,
  200010,
  '020001',
  '0104',
  '20001.0',
  '104e0',
  '2e4',
  -20001,
  '1e9',
  999999999,
  0,
]

attack({
  id: 'A20',
  title: 'a container of somebody else is not entered, however its id is spelled',
  shown: '`pct exec 104` runs a program in the container of somebody else',
  stoppedBy: 'the range of ids stands in the sudoers rule as well, so sudo itself keeps other containers out',
  baseline: () => appears(inContainer(104, touched), () => sudo('appstore', pct('exec', '104', '--', ...touch))),
  honest: () => appears(inContainer(20001, touched), () => library('appstore', [exec(touch)])),
  ours: {
    library: async () => {
      const inputs = [...otherIds, Number.NaN, null, '20001', [20001], 20001.5]
      return reachedSudo(
        await library(
          'appstore',
          inputs.map(vmid => exec(touch, {}, vmid)),
        ),
      )
    },
    sudo: async () => {
      const lines = otherIds.map(id => legalExec(id, touch))
      let ran = false
      const made = await appears(inContainer(104, touched), async () => {
        ran = await anyRan('appstore', lines)
      })
      return made || ran
    },
    daemon: () =>
      appears(inContainer(104, touched), async () => {
        const forms = [...otherIds, null, '20001', [20001], 20001.5, { vmid: 20001 }, true]
        const texts = ['104', '0104', '0x68', '1e400', '-0', '104.0', '20001,"vmid":104'].map(
          form => `{"protocol":1,"command":"pct.exec","input":{"vmid":${form},"command":["touch","${touched}"]}}`,
        )
        if (anyAccepted(await askStore([...forms.map(id => execFrame(touch, id)), ...texts])))
          throw new Error('it was let in')
      }),
  },
  onDaemon: {
    stoppedBy: 'the range of ids, checked by root; and in it, pool and tags of the container’s own configuration (A21)',
    honest: () => appears(inContainer(20001, touched), () => askStore([execFrame(touch)])),
  },
})

/** A container whose root is root of the host, with the files of another one. */
function privilegedContainer(vmid: number): void {
  const directory = `/var/lib/lxc/${vmid}`
  if (existsSync(directory)) return
  cpSync('/var/lib/lxc/104', directory, { recursive: true, verbatimSymlinks: true })
  const config = readFileSync('/var/lib/lxc/104/config', 'utf8')
  writeFileSync(
    `${directory}/config`,
    config
      .replaceAll('/104/', `/${vmid}/`)
      .replaceAll('ct104', `ct${vmid}`)
      .replace(/^lxc\.idmap.*\n/gm, ''),
  )
  writeFileSync(`/etc/pve/lxc/${vmid}.conf`, `arch: amd64\nhostname: ct${vmid}\ntags: appstore;managed\n`)
  // In everything but its kind it is one of ours.
  writeFileSync('/etc/pve/user.cfg', read('/etc/pve/user.cfg').replace('Apps:20001', `Apps:20001,${vmid}`))
  spawnSync('chown', ['-R', '0:0', `${directory}/rootfs`])
  const started = spawnSync('lxc-start', ['-n', String(vmid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  if (started.status !== 0) throw new Error(`no privileged container: ${started.stderr}`)
}

/** Whether a program in a container made a file that belongs to root of the host. */
async function actsAsHostRoot(vmid: number, run: () => Promise<unknown>): Promise<boolean> {
  const file = inContainer(vmid, touched)
  rmSync(file, { force: true })
  await run()
  const asRoot = existsSync(file) && statSync(file).uid === 0
  rmSync(file, { force: true })
  return asRoot
}

if (skip === false) for (const vmid of [105, 20002]) privilegedContainer(vmid)

attack({
  id: 'A21',
  title: 'a container whose root is root of the host is out of reach',
  shown: '`pct exec 105` acts as uid 0 of the host in a privileged container',
  stoppedBy: 'the range of ids; its containers are made with a token that may not make privileged ones',
  remains:
    'not by the rule: sudo does not see the kind of a container, so one that an administrator makes privileged inside the range is entered',
  baseline: () => actsAsHostRoot(105, () => sudo('appstore', pct('exec', '105', '--', ...touch))),
  ours: {
    library: () => actsAsHostRoot(105, () => library('appstore', [exec(touch, {}, 105)])),
    sudo: () => actsAsHostRoot(105, () => sudo('appstore', legalExec(105, touch))),
    daemon: async () => {
      if (!existsSync('/etc/pve/lxc/20002.conf')) throw new Error('there is no such container')
      const outside = await actsAsHostRoot(105, () => askStore([execFrame(touch, 105)]))
      const inside = await actsAsHostRoot(20002, async () =>
        mustRefuse(await askStore([execFrame(touch, 20002)]), 'PRIVEXEC_GUARD_REFUSED'),
      )
      return (
        outside || inside || (await actsAsHostRoot(20002, () => libraryByRoot('appstore', [exec(touch, {}, 20002)])))
      )
    },
  },
  stillPossible: () => actsAsHostRoot(20002, () => library('appstore', [exec(touch, {}, 20002)])),
  onDaemon: {
    stoppedBy:
      'a guard reads the configuration of the container just before: privileged, another pool or no tag is refused',
  },
})

const onHost = '/etc/touched-by-root'

attack({
  id: 'A22',
  title: 'no flag of pct or lxc-attach can be added',
  shown: '`lxc-attach -n 20001 -s NETWORK` joins the network alone and writes the files of the host as root',
  stoppedBy: 'everything before the program is constant but the id, and a program is no option',
  rules: 'appstore ALL=(root) NOPASSWD: /usr/bin/lxc-attach -n 20001 *\n',
  baseline: () =>
    appears(onHost, () =>
      sudo('appstore', ['/usr/bin/lxc-attach', '-n', '20001', '-s', 'NETWORK', '--', '/usr/bin/touch', onHost], {
        readOnly: false,
      }),
    ),
  ours: {
    library: async () => {
      const commands = [['-s', 'NETWORK', 'touch'], ['-e', '--', 'touch'], ['--', 'touch'], ['A=b', 'touch'], ['']]
      return reachedSudo(
        await library(
          'appstore',
          commands.map(command => exec(command)),
        ),
      )
    },
    sudo: () => {
      const marker = markerOf('appstore')
      return anyRan('appstore', [
        ['/usr/bin/lxc-attach', '-n', '20001', '-s', 'NETWORK', '--', '/usr/bin/touch', onHost],
        [...nsenter, '/usr/bin/lxc-attach', '-n', '20001', '--', 'touch', touched],
        pct('exec', '20001', '--keep-env', '1', '--', '/usr/bin/env', marker, ...touch),
        pct('exec', '20001', '--', '/usr/bin/env', marker, ...touch),
        pct('exec', '20001', '-e', '--keep-env', '0', '--', '/usr/bin/env', marker, ...touch),
        pct('exec', '20001', '--keep-env', '0', '/usr/bin/env', marker, ...touch),
        pct('exec', '20001', '--keep-env', '0', '--', '/usr/bin/env', '-i', marker, ...touch),
        pct('exec', '20001', '--keep-env', '0', '--', '--', '/usr/bin/env', marker, ...touch),
        pct('enter', '20001'),
      ])
    },
    daemon: async () => {
      const commands = [
        ['-s', 'NETWORK', 'touch', onHost],
        ['-e', '--', 'touch'],
        ['--', 'touch'],
        ['A=b', 'touch'],
        [''],
        [],
      ]
      const extras = ['options', 'keep-env', 'keepEnv', 'namespace', 'argv'].map(name => ({
        ...execFrame(touch),
        input: { vmid: 20001, command: touch, [name]: ['-s', 'NETWORK'] },
      }))
      return anyAccepted(await askStore([...commands.map(command => execFrame(command)), ...extras]))
    },
  },
  onDaemon: {
    stoppedBy: 'the argv is root’s own, made of the definition; a field that there is not is refused',
  },
})

attack({
  id: 'A23',
  title: 'nsenter runs nothing but the two programs, in no other namespace',
  shown: 'a rule that ends after the namespace option makes nsenter run any program on the host as root',
  stoppedBy: 'the prefix of nsenter is a constant of the definition, with `--` and the absolute path of the program',
  rules: `appstore ALL=(root) NOPASSWD: ${nsenterRule.replace(/ --$/, '')} *\n`,
  baseline: () =>
    appears(onHost, () => sudo('appstore', ['/usr/bin/nsenter', '--mount=/proc/1/ns/mnt', '/usr/bin/touch', onHost])),
  ours: {
    sudo: async () => {
      let ran = false
      const made = await appears(onHost, async () => {
        ran = await anyRan('appstore', [
          ['/usr/bin/nsenter', '--mount=/proc/1/ns/mnt', '/usr/bin/touch', onHost],
          [...nsenter, '/usr/bin/touch', onHost],
          ['/usr/bin/nsenter', '-t', '1', '-m', '--', ...legalExec(20001, touch).slice(3)],
          ['/usr/bin/nsenter', '--mount=/proc/1/ns/mnt', '-p/proc/1/ns/pid', '--', ...legalExec(20001, touch).slice(3)],
          ['/usr/bin/nsenter', '--mount=/proc/1/ns/mnt', ...legalExec(20001, touch).slice(3)],
          ['/usr/bin/nsenter', '--mount=/proc/self/ns/mnt', '--', ...legalExec(20001, touch).slice(3)],
          ['/usr/bin/nsenter', '--mount=/proc/1/ns/mnt', '--wd=/root', '--', ...legalExec(20001, touch).slice(3)],
          ['/usr/bin/nsenter'],
          ['/usr/bin/unshare', '-m', ...legalExec(20001, touch)],
          ['/usr/bin/nsenter', ...nsenter.slice(1), '/usr/bin/pct', ...legalExec(20001, touch).slice(4)],
        ])
      })
      return made || ran
    },
    daemon: async () => {
      const ids = [
        'pct.enter',
        'pct.create',
        'nsenter.exec',
        'host.exec',
        'pct',
        'pct.exec;id',
        '/usr/bin/touch',
        '__proto__.exec',
      ]
      const input = { vmid: 20001, command: ['touch', onHost] }
      const others = [
        ...ids.map(command => ({ command, input })),
        { argv: ['/usr/bin/touch', onHost], ...execFrame(touch) },
      ]
      const extras = [{ program: '/usr/bin/touch' }, { wrapper: [] }, { prefix: [] }].map(more => ({
        ...execFrame(touch),
        ...more,
      }))
      let taken = false
      const made = await appears(onHost, async () => {
        taken = anyAccepted(await askStore([...others, ...extras]))
      })
      return made || taken
    },
  },
  onDaemon: {
    stoppedBy: 'a request names a command of the catalogue, never a program',
  },
})
