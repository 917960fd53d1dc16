import {
  type Broker,
  type Command,
  isPrivexecError,
  zfsClone,
  zfsCreate,
  zfsDestroy,
  zfsList,
  zfsMount,
  zfsOwn,
  zfsProject,
  zfsPromote,
  zfsRename,
  zfsSet,
  zfsSnapshot,
  zfsUnmount,
} from '@broker/privexec'
import { type FailureKind, kindOf, partial, type Zfs, type ZfsEnd } from './verbs.ts'

/** Carries out one typed command through the broker; `verb` is for messages. */
export type ByBroker = <Input>(verb: string, command: Command<Input>, input: Input) => Promise<ZfsEnd>

/** Makes of a broker what carries out verbs; it is opened when it is first needed. */
export const byBroker =
  (open: () => Promise<Pick<Broker, 'run'>>): ByBroker =>
  async (verb, command, input) => {
    const broker = await open()
    try {
      const { stdout, stderr } = await broker.run(command, input)
      return command === zfsList && stderr.trim() !== '' ? { failure: partial(stderr.trim()) } : { stdout }
    } catch (cause) {
      if (!isPrivexecError(cause)) throw cause
      const words = cause.stderr?.trim() || cause.message
      const exitCode = cause.exitCode === undefined ? {} : { exitCode: cause.exitCode }
      return { failure: { kind: kindOfBroker(cause, words), verb: `zfs ${verb}`, words, ...exitCode, cause } }
    }
  }

function kindOfBroker(error: { code: string; isRefused: boolean; isUnavailable: boolean }, words: string): FailureKind {
  if (error.code === 'PRIVEXEC_PROGRAM_FAILED') return kindOf(words)
  if (error.code === 'PRIVEXEC_BUSY') return 'limited'
  if (error.code === 'PRIVEXEC_TIMED_OUT') return 'timedOut'
  if (error.code === 'PRIVEXEC_CANCELLED') return 'cancelled'
  if (error.isRefused) return 'refused'
  return error.isUnavailable ? 'unavailable' : 'other'
}

/** The verbs by the root-side broker, each as a typed command; for a ZFS that has no delegation. */
export function brokeredZfs(base: string, mountpoint: string, broker: ByBroker): Zfs {
  return {
    base,
    mountpoint,
    list: () => broker('get', zfsList, { dataset: base }),
    createProject: (dataset, facts) => broker('create', zfsProject, { facts: `pgd:project=${facts}`, dataset }),
    create: (dataset, facts) => broker('create', zfsCreate, { facts: `pgd:volume=${facts}`, dataset }),
    clone: (snapshot, dataset, facts) => broker('clone', zfsClone, { facts: `pgd:volume=${facts}`, snapshot, dataset }),
    snapshot: (snapshot, facts) => broker('snapshot', zfsSnapshot, { facts: `pgd:snapshot=${facts}`, snapshot }),
    set: (member, mark, facts) => broker('set', zfsSet, { facts: `${mark}=${facts}`, member }),
    rename: (dataset, to) => broker('rename', zfsRename, { dataset, to }),
    promote: dataset => broker('promote', zfsPromote, { dataset }),
    destroy: member => broker('destroy', zfsDestroy, { member }),
    mount: dataset => broker('mount', zfsMount, { dataset }),
    unmount: dataset => broker('unmount', zfsUnmount, { dataset }),
    own: dataset => broker('own', zfsOwn, { account: String(process.getuid?.()), dataset }),
  }
}
