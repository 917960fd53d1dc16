/** The zod of the package, for tests outside of it. */
export { z } from 'zod'
