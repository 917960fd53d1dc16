import { z } from 'zod'
import { type Decider, decider } from '../../src/decide/decide.ts'
import type { Policy } from '../../src/policy/policy.ts'

/** The decision function of a policy, as the broker builds it. */
export const deciderOf = (policy: Policy): Decider => decider(z, policy)
