import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { attack } from './support/attack.ts'
import { exec, library, reachedSudo } from './support/library.ts'
import {
  anyRan,
  appears,
  inContainer,
  legalExec,
  markerOf,
  nsenter,
  nsenterRule,
  pct,
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
  writeFileSync(`/etc/pve/lxc/${vmid}.conf`, `arch: amd64\nhostname: ct${vmid}\n`)
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
    'not by the rule: sudo does not see the kind of a container, so one that an administrator makes privileged inside the range is entered. The root-side broker is to check it',
  baseline: () => actsAsHostRoot(105, () => sudo('appstore', pct('exec', '105', '--', ...touch))),
  ours: {
    library: () => actsAsHostRoot(105, () => library('appstore', [exec(touch, {}, 105)])),
    sudo: () => actsAsHostRoot(105, () => sudo('appstore', legalExec(105, touch))),
  },
  stillPossible: () => actsAsHostRoot(20002, () => library('appstore', [exec(touch, {}, 20002)])),
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
  },
})
