import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type Proxmox } from '@broker/proxmox'
import { type Lab, startLab } from '@broker/proxmox-lab'
import type { Machine } from '../../src/setup/machine.ts'
import type { Argv } from '../../src/setup/step.ts'
import type { SetupOptions } from '../../src/setup/wish.ts'
import { type Test, temporaryDirectory } from '../support/store.ts'

/** A machine of paper: it remembers files and accounts, and what was run. */
export interface Paper extends Machine {
  readonly files: Map<
    string,
    { readonly text: string; readonly mode: number; readonly uid: number; readonly gid: number }
  >
  readonly ran: string[]
  hasAccount: boolean
  isInForce: boolean
  isRoot: boolean
}

const directory = 0o040000
const unit = '[Service]\nExecStart=/usr/bin/appstore\nUser=appstore\n'

export function paperMachine(): Paper {
  const paper: Paper = {
    ...{ isRoot: true, hasSystemd: false, hasAccount: false, isInForce: false },
    ...{ files: new Map(), ran: [] },
    look: async path => paper.files.get(path),
    read: async path => paper.files.get(path)?.text,
    render: async () => unit,
    run: async argv => {
      const words = argv.map(word => (typeof word === 'string' ? word : word.name))
      const ok = (exitCode = 0, stdout = '') => ({ exitCode, stdout, stderr: '' })
      if (words[0] === '/usr/bin/getent')
        return paper.hasAccount ? ok(0, 'appstore:x:990:990::/var/lib/appstore:/usr/sbin/nologin\n') : ok(2)
      if (words.includes('--dry-run')) {
        return ok(0, JSON.stringify({ steps: [{ state: paper.isInForce ? 'unchanged' : 'create' }] }))
      }
      paper.ran.push(words.join(' '))
      perform(paper, words, argv)
      return ok()
    },
  }
  return paper
}

function perform(paper: Paper, words: readonly string[], argv: Argv): void {
  const path = words.at(-1) ?? ''
  const content = argv.find(word => typeof word !== 'string')
  const after = (option: string): string => words[words.indexOf(option) + 1] ?? ''
  if (words[0] === '/usr/sbin/useradd') paper.hasAccount = true
  if (words[0] === '/usr/sbin/userdel') paper.hasAccount = false
  if (words[0] === '/usr/bin/rm')
    for (const file of [...paper.files.keys()]) if (`${file}/`.startsWith(`${path}/`)) paper.files.delete(file)
  if (words[0] === '/usr/bin/install') {
    const mode = Number.parseInt(after('-m'), 8) | (words.includes('-d') ? directory : 0)
    const idOf = (name: string): number => (name === 'root' ? 0 : 990)
    const text = typeof content === 'object' ? content.text : ''
    paper.files.set(path, { text, mode, uid: idOf(after('-o')), gid: idOf(after('-g')) })
  }
  if (words.includes('policy') && words.includes('install')) {
    paper.isInForce = true
    paper.files.set('/etc/privexec/policies.d/appstore.yaml', {
      ...{ text: typeof content === 'object' ? content.text : '', mode: 0o644, uid: 0, gid: 0 },
    })
  }
  if (words.includes('uninstall')) {
    paper.isInForce = false
  }
}

/** A node that nobody has prepared yet, and its administrator. */
export interface Node {
  readonly lab: Lab
  readonly admin: Proxmox
  readonly options: SetupOptions
  /** A file with the administrator's token. */
  readonly tokenFile: string
}

export async function freshNode(t: Test, version: 8 | 9 = 9): Promise<Node> {
  const base = temporaryDirectory(t)
  const lab = await startLab({
    directory: join(base, 'lab'),
    version,
    user: 'other@pve',
    role: 'Other',
    pool: 'theirs',
  })
  t.teardown(() => lab.stop())
  const { tokenId, tokenSecret } = lab.root
  const tokenFile = join(base, 'admin')
  writeFileSync(tokenFile, `${tokenId}=${tokenSecret}\n`, { mode: 0o600 })
  const admin = await connect({ url: lab.url, token: { file: tokenFile }, tls: { fingerprint: lab.fingerprint } })
  t.teardown(() => admin.close())
  const options: SetupOptions = {
    ...{ url: lab.url, fingerprint: lab.fingerprint, pool: 'appstore', range: '20000-20019' },
    ...{ storages: ['local', 'local-zfs'], bridges: ['vmbr0'], user: 'appstore@pve', transport: 'daemon' },
  }
  return { lab, admin, options, tokenFile }
}

/** The token that a setup left on a machine. */
export function tokenOn(paper: Paper): { readonly id: string; readonly secret: string } {
  const [id = '', secret = ''] = paper.files.get('/etc/appstore/token')?.text.trim().split('=') ?? []
  return { id, secret }
}
