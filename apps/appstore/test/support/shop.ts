import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from '@broker/proxmox'
import { type Lab, type LabOptions, startLab } from '@broker/proxmox-lab'
import { parseConfig } from '../../src/config/load.ts'
import type { Provisioner, ProvisionRequest } from '../../src/operations/toolbox.ts'
import { type OpenAppstore, openAppstore } from '../../src/service/appstore.ts'
import { type Test, temporaryDirectory } from './store.ts'

/** Where the tests' store may make guests. */
export const range = { from: 20_000, to: 20_019 } as const

/** A manifest for tests; `more` is further YAML. */
export const manifest = (id: string, version = '1.0.0', more = ''): string => `id: ${id}
name: ${id}
description: An app for tests
version: "${version}"
categories: [tests]
lxc:
  ostemplate: debian-12
  defaults: { unprivileged: true, cores: 1, memory_mb: 256, disk_gb: 2 }
provisioning: { script: provision/install.py }
${more}`

/** Writes an app into a catalog directory. */
export function writeApp(catalog: string, id: string, text: string): void {
  mkdirSync(join(catalog, 'apps', id, 'provision'), { recursive: true })
  writeFileSync(join(catalog, 'apps', id, 'app.yml'), text)
  writeFileSync(join(catalog, 'apps', id, 'provision', 'install.py'), 'print("stands for a script")\n')
}

/** Volumes, inputs and a secret, as an app may have them. */
export const rich = `inputs:
  - { key: port, label: Port, type: number, default: 8080, reconfigurable: true }
  - { key: password, label: Password, type: secret, required: true, reconfigurable: true }
volumes:
  - { name: data, type: volume, mount_path: /srv/data, size_gb: 3 }
`

/** A provisioner that runs nothing: it remembers what it was asked, and fails when it is told to. */
export interface Script extends Provisioner {
  readonly calls: Pick<ProvisionRequest, 'vmid' | 'action' | 'inputs'>[]
  /** What the next run of an action does, instead of succeeding. */
  fail: Partial<Record<ProvisionRequest['action'], (request: ProvisionRequest) => Promise<void>>>
}

export function scripted(): Script {
  const script: Script = {
    calls: [],
    fail: {},
    run: async request => {
      const { vmid, action, inputs } = request
      script.calls.push({ vmid, action, inputs })
      await script.fail[action]?.(request)
      return { outputs: [], secrets: {} }
    },
    plan: ({ vmid, action }) => [{ command: 'pct.exec', parameters: { vmid, action } }],
  }
  return script
}

/** A lab and a store over it, both of which go with the test. */
export interface Shop {
  readonly lab: Lab
  readonly shop: OpenAppstore
  readonly script: Script
  readonly catalog: string
  readonly state: string
}

/** Configuration of a store over a lab. `limit` is for each kind of task. */
export function configText(
  lab: Pick<Lab, 'url' | 'fingerprint'>,
  state: string,
  catalog: string,
  limit = '15m',
): string {
  return `pool: appstore
state: ${state}
proxmox: { url: "${lab.url}", token_file: ${state}/token, fingerprint: "${lab.fingerprint}" }
catalog: { sources: [{ name: local, directory: ${catalog} }] }
timeouts: { network: 1s, health: 1s, shutdown: 5s, task: ${limit}, create: ${limit}, copy: ${limit} }
defaults: { storage: local-zfs, network: { ipv4: none } }
jobs: { at_once: 4 }
`
}

export async function openShop(
  t: Test,
  options: Partial<LabOptions> & { readonly base?: string; readonly lab?: Lab; readonly limit?: string } = {},
): Promise<Shop> {
  const { base = temporaryDirectory(t), lab: given, limit, ...labOptions } = options
  const catalog = join(base, 'catalog')
  const state = join(base, 'state')
  mkdirSync(state, { recursive: true, mode: 0o700 })
  if (options.base === undefined) {
    writeApp(catalog, 'plain', manifest('plain'))
    writeApp(catalog, 'rich', manifest('rich', '1.0.0', rich))
  }
  const lab = given ?? (await startLab({ directory: join(base, 'lab'), ...labOptions }))
  if (given === undefined) t.teardown(() => lab.stop())
  const proxmox = await connect({
    url: lab.url,
    token: { id: lab.tokenId, secret: lab.tokenSecret },
    tls: { fingerprint: lab.fingerprint },
  })
  t.teardown(() => proxmox.close())
  const script = scripted()
  const shop = await openAppstore({
    config: parseConfig(configText(lab, state, catalog, limit), 'config.yml'),
    proxmox,
    range,
    guestDoor: () => ({
      exec: () => Promise.reject(new Error('no way in')),
      push: () => Promise.reject(new Error('no way in')),
    }),
    provisioner: script,
    version: '0.0.0',
    audit: () => Promise.reject(new Error('none')),
    doctor: () => Promise.resolve([]),
  })
  t.teardown(() => shop.close())
  return { lab, shop, script, catalog, state }
}

/** Copies an app under a new version. */
export function newVersion(catalog: string, id: string, version: string, more = ''): void {
  cpSync(join(catalog, 'apps', id), join(catalog, 'apps', `${id}.old`), { recursive: true })
  writeApp(catalog, id, manifest(id, version, more))
}
