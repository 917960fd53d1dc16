import { parseFacts, renderFacts } from '../../facts/codec.ts'
import { thisProcess } from '../../locks/holder.ts'
import type { ServerSpec, Tool } from '../runtime.ts'

/** Labels of our containers: whose they are, the key of the server, and what else is known of it as facts. */
export const accountLabel = 'pgd.account'
export const keyLabel = 'pgd.key'
export const serverLabel = 'pgd.server'
/** One-shot containers have this one in place of a key. */
export const toolLabel = 'pgd.tool'
/** Of these: the process that waits for it, as locks write it, and the volume that it works on. */
export const holderLabel = 'pgd.holder'
export const volumeLabel = 'pgd.volume'

/** Labels of a server's container. */
export const serverLabels = (uid: number, { key, project, branch, port }: ServerSpec): Record<string, string> => ({
  [accountLabel]: String(uid),
  [keyLabel]: key,
  [serverLabel]: renderFacts({ project, branch, port: port === undefined ? undefined : String(port) }),
})

/** Labels of the container of one run of a program. */
export const toolLabels = (uid: number, { argv: [program], volume }: Tool): Record<string, string> => ({
  [accountLabel]: String(uid),
  [toolLabel]: program,
  [holderLabel]: thisProcess(),
  ...(volume === undefined ? {} : { [volumeLabel]: volume }),
})

/** Port of a server, as its labels have it. */
export function portOf(labels: Readonly<Record<string, string>>): number | undefined {
  const port = parseFacts(labels[serverLabel] ?? '')?.get('port')
  return port !== undefined && /^[1-9]\d{0,4}$/.test(port) ? Number(port) : undefined
}

/** Name of a server's container, for people: the key alone makes it unique, also among accounts. */
export const containerName = ({ key, project, branch }: Pick<ServerSpec, 'key' | 'project' | 'branch'>): string =>
  `pgd.${project}.${branch}.${key}`
