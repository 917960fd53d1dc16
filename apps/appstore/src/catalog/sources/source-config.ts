import { escapeValue } from '@broker/privexec/escape'
import { AppstoreError } from '../../errors/error.ts'

/** A catalog that is fetched by git, from the first that has an app to the last. */
export interface GitSourceConfig {
  /** Small letters, digits and single hyphens; name of its folder. */
  readonly name: string
  /** `https://`, `ssh://`, `git@HOST:PATH` or `file://`; never with a password. */
  readonly url: string
  /** Left out: the one that the repository has as its default. */
  readonly branch?: string
  /** File in the format of git's credential store, 0600, for private repositories over https. */
  readonly credentials?: string
  /** Private key, 0600, and the host keys to trust, for repositories over ssh. */
  readonly sshKey?: string
  readonly knownHosts?: string
  /** Certificates to trust for https, as a PEM file. */
  readonly ca?: string
  /** Proxy for https, `http://HOST:PORT`. */
  readonly proxy?: string
  /** Whether what its apps claim to be (`official`, `featured`) is believed. */
  readonly trusted?: boolean
}

/** A catalog in a folder of this machine, for the development of apps: used as it is, never pinned. */
export interface DirectorySourceConfig {
  readonly name: string
  /** Absolute. */
  readonly directory: string
  readonly trusted?: boolean
}

/** A source of apps. Their order is their priority. */
export type SourceConfig = GitSourceConfig | DirectorySourceConfig

export const isGitSource = (config: SourceConfig): config is GitSourceConfig => 'url' in config

const host = '[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?'
const path = '[A-Za-z0-9._~+%@/-]+'
const shapes: readonly RegExp[] = [
  new RegExp(`^https://${host}(?::[0-9]{1,5})?/${path}$`),
  new RegExp(`^ssh://(?:[A-Za-z0-9_][A-Za-z0-9._-]*@)?${host}(?::[0-9]{1,5})?/${path}$`),
  new RegExp(`^file:///${path}$`),
]
const shortShape = new RegExp(`^([A-Za-z0-9_][A-Za-z0-9._-]*)@(${host}):(?!/)(${path})$`)

/** The address as git gets it, `git@HOST:PATH` as `ssh://`. @throws {AppstoreError} `APPSTORE_INPUT_INVALID` */
export function repositoryUrl(text: string): string {
  const [, user, at, rest] = shortShape.exec(text) ?? []
  const url = user === undefined ? text : `ssh://${user}@${at}/${rest}`
  if (url.length > 1000 || !shapes.some(shape => shape.test(url))) {
    throw new AppstoreError(
      'APPSTORE_INPUT_INVALID',
      `${escapeValue(text)} is not the address of a repository: https://, ssh://, git@HOST:PATH or file://, without a password`,
      { field: 'url' },
    )
  }
  return url
}

/** A branch as git allows its name, of plain characters. @throws {AppstoreError} `APPSTORE_INPUT_INVALID` */
export function branchName(text: string): string {
  const parts = text.split('/')
  const proper = parts.every(
    part => /^[A-Za-z0-9_][A-Za-z0-9._+-]*$/.test(part) && !part.includes('..') && !/\.$|\.lock$/.test(part),
  )
  if (proper && text.length <= 200) return text
  throw new AppstoreError('APPSTORE_INPUT_INVALID', `${escapeValue(text)} is not the name of a branch`, {
    field: 'branch',
  })
}

/** A commit as git names it: 40 or 64 hexadecimal digits. */
export const isCommit = (text: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text)

/** The name of a source. @throws {AppstoreError} `APPSTORE_INPUT_INVALID` */
export function sourceName(text: string): string {
  if (/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text) && text.length <= 63) return text
  const message = `${escapeValue(text)} is not a name for a source: small letters, digits and single hyphens`
  throw new AppstoreError('APPSTORE_INPUT_INVALID', message, { field: 'name' })
}
