import { escapeValue } from '../errors/escape.ts'
import type { Guard } from './guard.ts'
import { parseContainerConfig } from './pve-config.ts'
import { poolId, poolOf } from './pve-user.ts'

/** Tags of the containers that a program of ours made. */
const ours = ['appstore', 'managed']
/** Spelling of a tag (pve-common, src/PVE/JSONSchema.pm, format pve-tag). */
const tag = /^[A-Za-z0-9_][A-Za-z0-9_+.-]{0,62}$/

/** The container is one of ours right now, by Proxmox VE's own files and not by our records. */
export const ownContainer: Guard = {
  name: 'own-container',
  summary: 'The container is on this node, has all the tags, is in the pool, and is unprivileged',
  settings: [
    {
      key: 'pool',
      required: true,
      summary: 'Pool that the container is in; one inside it is another pool',
      schema: z => z.string().max(128).regex(poolId, 'the id of a pool such as appstore or appstore/test is needed'),
    },
    {
      key: 'tags',
      required: false,
      summary: 'Tags that the container has, all of them',
      schema: z => z.array(z.string().regex(tag, 'a tag such as managed is needed')).min(1).max(16).default(ours),
    },
    {
      key: 'privileged',
      required: false,
      summary: 'Whether privileged containers are allowed too, of which root is root of the host',
      schema: z => z.boolean().default(false),
    },
  ],
  check: async ({ values, settings, host }) => {
    const vmid = Number(values.vmid)
    const { pool, tags, privileged } = settings as { pool: string; tags: readonly string[]; privileged: boolean }
    const text = await host.read(`/etc/pve/lxc/${vmid}.conf`)
    if (text === undefined) return `container ${vmid} has no configuration on this node`
    const config = parseContainerConfig(text)
    if (!config) return `the configuration of container ${vmid} can be read in two ways`
    const lacking = tags.filter(each => !config.tags.includes(each))
    if (lacking.length > 0) return `container ${vmid} lacks the tags ${lacking.join(', ')}`
    if (config.privileged && !privileged) return `container ${vmid} is privileged`
    const actual = poolOf((await host.read('/etc/pve/user.cfg')) ?? '', vmid)
    if (actual !== pool)
      return `container ${vmid} is in ${actual === undefined ? 'no pool' : `the pool ${escapeValue(actual)}`}`
    return undefined
  },
}
