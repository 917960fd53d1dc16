import { readFile, stat } from 'node:fs/promises'
import { type Broker, createBroker, isPrivexecError, loadPolicy } from '@broker/privexec'
import { escapeValue } from '@broker/privexec/escape'
import { PgdError } from '../../errors/error.ts'
import type { Store } from '../store.ts'
import { brokeredZfs, byBroker } from './brokered.ts'
import { delegatedZfs, zfs } from './delegated.ts'
import { done } from './failure.ts'
import { zfsStore } from './store.ts'

/** The policy that lets this account mount; PGD_POLICY may name another file. */
const installed = '/etc/privexec/policies.d/pgd.yaml'

/** Commands that a policy grants where ZFS has no delegation. */
const verbs = ['list', 'project', 'create', 'clone', 'snapshot', 'set', 'rename', 'promote', 'destroy', 'own']

/**
 * Opens the store below the base that the policy of the broker names, which `place` must be when it is given. Undefined
 * when there is no such policy and nobody asked for one. Rejects with `PGD_NOT_SET_UP`, `PGD_STORE_UNAVAILABLE` or
 * `PGD_REFUSED`.
 */
export async function openZfsStore(
  place?: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Store | undefined> {
  const file = env.PGD_POLICY || installed
  if (place === undefined && env.PGD_POLICY === undefined && !(await isThere(file))) return undefined
  const { source, grants } = await onPolicy(file, () => readGrants(file))
  const base = baseOf(grants, 'zfs.mount')
  if (base === undefined || base.depth !== 2) {
    throw new PgdError(
      'PGD_NOT_SET_UP',
      `The policy ${escapeValue(file)} grants no zfs.mount two names below a dataset`,
    )
  }
  if (place !== undefined && place !== base.dataset) {
    const message = `store zfs:${escapeValue(place)} is not the dataset of the policy, ${base.dataset}`
    throw new PgdError('PGD_NOT_SET_UP', message, { field: 'store' })
  }
  let broker: Promise<Broker> | undefined
  const run = byBroker(() => {
    broker ??= onPolicy(file, () => createBroker({ policy: source }))
    return broker
  })
  if (verbs.every(verb => baseOf(grants, `zfs.${verb}`)?.dataset === base.dataset)) {
    const { mountpoint = `/${base.dataset}` } = baseOf(grants, 'zfs.own') ?? {}
    return zfsStore(brokeredZfs(base.dataset, mountpoint, run))
  }
  const action = `Asking for the mount point of ${base.dataset}`
  const mountpoint = await done(action, zfs('get', '-Hp', '-o', 'value', 'mountpoint', base.dataset))
  if (!mountpoint.startsWith('/')) {
    throw new PgdError('PGD_NOT_SET_UP', `${base.dataset} has no mount point: ${escapeValue(mountpoint.trim())}`)
  }
  return zfsStore(delegatedZfs(base.dataset, mountpoint.trimEnd(), run))
}

/** Whether there is a policy; that it cannot be found out is no answer. */
async function isThere(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile()
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException
    // What this account may not even look for was not made for it.
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(code)) return false
    throw new PgdError('PGD_STORE_UNAVAILABLE', `The policy ${escapeValue(file)} cannot be looked for: ${code}`, {
      cause,
    })
  }
}

interface Base {
  readonly dataset: string
  readonly depth: number
  readonly mountpoint?: string
}

/** What this reads of a policy. */
interface Grant {
  readonly command: string
  readonly where?: { readonly base?: unknown }
}

/**
 * Grants of an installed policy, and which file a broker is to read. Root checked it and wrote it as JSON too, which is
 * read in a hundredth of the time; what may be done is decided by the broker, from its own copy.
 */
async function readGrants(file: string): Promise<{ readonly source: string; readonly grants: readonly Grant[] }> {
  const json = file.replace(/\.ya?ml$/, '.json')
  const text = json === file ? undefined : await readFile(json, 'utf8').catch(() => undefined)
  if (text !== undefined) return { source: json, grants: (JSON.parse(text) as { grants: Grant[] }).grants }
  const { grants } = await loadPolicy(file)
  return { source: file, grants: grants.map(({ command, where }) => ({ command: command.id, where })) }
}

/** Uses a policy; one that is missing means that nothing was set up. */
async function onPolicy<T>(file: string, use: () => Promise<T>): Promise<T> {
  try {
    return await use()
  } catch (cause) {
    const isMissing = isPrivexecError(cause) && cause.code === 'PRIVEXEC_POLICY_UNREADABLE'
    const words = cause instanceof Error ? escapeValue(cause.message, 500) : ''
    const message = `The policy ${escapeValue(file)} cannot be used: ${words}`
    throw new PgdError(isMissing ? 'PGD_NOT_SET_UP' : 'PGD_STORE_UNAVAILABLE', message, { cause })
  }
}

/** The base of a policy's grant. */
function baseOf(grants: readonly Grant[], command: string): Base | undefined {
  const base = grants.find(grant => grant.command === command)?.where?.base
  if (typeof base === 'string') return { dataset: base, depth: 1 }
  return base as Base | undefined
}
