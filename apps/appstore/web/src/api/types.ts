import type { z } from 'zod'
import type * as answers from '../../../src/api/schemas/answers.ts'

export type * from '../../../src/contract.ts'
export type { Install, Output } from '../../../src/model/install.ts'
export type { Job, JobEvent, LogLevel } from '../../../src/model/job.ts'
export type { Declaration, InstallRequest, ReconfigureRequest } from '../../../src/requests/requests.ts'

export type ProblemDetails = z.infer<typeof answers.problemSchema>
export type Me = z.infer<typeof answers.meSchema>
export type Account = z.infer<typeof answers.accountSchema>
export type Token = z.infer<typeof answers.tokenSchema>
export type Session = z.infer<typeof answers.sessionSchema>
