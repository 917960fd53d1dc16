import { lstat } from 'node:fs/promises'
import { escapeValue } from '@broker/privexec/escape'
import { AppstoreError } from '../../errors/error.ts'
import type { GitSourceConfig } from './source-config.ts'

/** What git is told beside the address: settings, and the command for ssh. Neither holds a secret, only paths. */
export interface Access {
  readonly settings: readonly string[]
  readonly sshCommand: string
}

/**
 * How a repository is reached. Files with secrets must be ours alone. git hands paths of these files to a shell, so they
 * are of plain characters only.
 * @throws {AppstoreError} `APPSTORE_CONFIG_INVALID`
 */
export async function accessOf(config: GitSourceConfig): Promise<Access> {
  const settings: string[] = []
  if (config.credentials !== undefined) {
    await ours(config.credentials, `${config.name}.credentials`)
    settings.push(`credential.helper=store --file=${config.credentials}`)
  }
  if (config.ca !== undefined) settings.push(`http.sslCAInfo=${plainPath(config.ca, `${config.name}.ca`)}`)
  if (config.proxy !== undefined) settings.push(`http.proxy=${proxyOf(config.proxy, config.name)}`)
  const knownHosts = plainPath(config.knownHosts ?? '/etc/ssh/ssh_known_hosts', `${config.name}.knownHosts`)
  const words = ['/usr/bin/ssh', '-F', '/dev/null', '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=yes']
  words.push('-o', `UserKnownHostsFile=${knownHosts}`, '-o', 'ConnectTimeout=20', '-o', 'ForwardAgent=no')
  if (config.sshKey !== undefined) {
    await ours(config.sshKey, `${config.name}.sshKey`)
    words.push('-o', 'IdentitiesOnly=yes', '-i', config.sshKey)
  }
  return { settings, sshCommand: words.join(' ') }
}

function plainPath(path: string, field: string): string {
  if (/^(?:\/[A-Za-z0-9._-]+)+$/.test(path) && !/\/\.{1,2}(?:\/|$)/.test(path)) return path
  const message = `${escapeValue(path)} must be an absolute path of letters, digits and . _ -`
  throw new AppstoreError('APPSTORE_CONFIG_INVALID', message, { field })
}

function proxyOf(text: string, name: string): string {
  if (/^https?:\/\/[A-Za-z0-9.-]+(?::[0-9]{1,5})?\/?$/.test(text)) return text
  const message = `${escapeValue(text)} must be like http://HOST:PORT, without a password`
  throw new AppstoreError('APPSTORE_CONFIG_INVALID', message, { field: `${name}.proxy` })
}

/** A regular file of this account that nobody else can read. */
async function ours(path: string, field: string): Promise<void> {
  plainPath(path, field)
  const status = await lstat(path).catch(cause => {
    throw new AppstoreError('APPSTORE_CONFIG_INVALID', `${escapeValue(path)} cannot be read`, { field, cause })
  })
  if (status.isFile() && status.uid === process.geteuid?.() && (status.mode & 0o077) === 0) return
  const message = `${escapeValue(path)} must be a file of the account of the app store with mode 0600`
  throw new AppstoreError('APPSTORE_CONFIG_INVALID', message, { field })
}
