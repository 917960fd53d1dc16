import type { Config } from '../config/config.ts'
import type { Appstore } from '../contract.ts'
import type { Surroundings } from '../daemon/surroundings.ts'
import { type Check, ok, tried } from './check.ts'
import { clockCheck } from './clock.ts'
import { fileChecks } from './files.ts'
import { nodeChecks } from './node.ts'
import { placeChecks } from './places.ts'
import { privilegedCheck } from './privileged.ts'
import { rightsCheck } from './rights.ts'

const checks: readonly Check[] = [fileChecks, nodeChecks, rightsCheck, placeChecks, clockCheck, privilegedCheck]

/** Checks the surroundings by using them, all groups at once; what cannot be looked at is a finding too. */
export const hostDoctor =
  (config: Config, surroundings: Omit<Surroundings, 'close'>): Appstore['doctor'] =>
  async signal => {
    const { range } = surroundings
    const policy = ok(
      'policy',
      `${config.policy} lets the store run programs in the guests ${range.from} to ${range.to}`,
    )
    const context = { config, ...surroundings, ...(signal && { signal }) }
    const found = await Promise.all(checks.map(check => tried('doctor', 'Report it', () => check(context))))
    return [policy, ...found.flat()]
  }
