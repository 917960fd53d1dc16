/** What Proxmox VE takes for the id of a pool; `/` stands between the names of nested ones, three at most. */
export const poolId = /^[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+){0,2}$/

/**
 * The pool of a guest in /etc/pve/user.cfg, read as Proxmox VE does (pve-access-control, src/PVE/AccessControl.pm,
 * parse_user_config): lines `pool:ID:comment:ids:storages:`, in which a pool may stand more than once, and the first pool
 * that lists a guest has it. A guest of `a/b` is none of `a`.
 */
export function poolOf(text: string, vmid: number): string | undefined {
  for (const line of text.split('\n')) {
    const [kind, id = '', , guests = ''] = line.split(':').map(field => field.trim())
    if (kind !== 'pool' || !poolId.test(id)) continue
    const members = guests.split(/[;,\s]/).filter(member => /^[0-9]+$/.test(member))
    if (members.some(member => Number(member) === vmid)) return id
  }
  return undefined
}
