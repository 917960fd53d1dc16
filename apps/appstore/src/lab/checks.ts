import type { Appstore, Finding } from '../contract.ts'
import type { OpenLab } from './open.ts'

/** In the lab nothing is privileged, so nothing is recorded. */
export const labAudit = (): Appstore['audit'] => async () => ({
  records: [],
  verification: { state: 'unavailable', text: 'The lab runs no privileged commands' },
})

/** What can be checked of a lab. */
export const labDoctor =
  ({ lab, withoutContainers }: OpenLab): Appstore['doctor'] =>
  async () => {
    const containers: Finding =
      withoutContainers === undefined
        ? { check: 'containers', state: 'ok', text: 'Guests are containers of user namespaces' }
        : { check: 'containers', state: 'warning', text: `Nothing runs in guests: ${withoutContainers}` }
    return [{ check: 'proxmox', state: 'ok', text: `The lab answers as Proxmox VE ${lab.version}` }, containers]
  }
