export type * from './api.ts'
export { isPgdError, PgdError } from './errors/error.ts'
export { type ErrorCode, errorRegistry, type Reason } from './errors/registry.ts'
