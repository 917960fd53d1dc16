import { argvOf } from './samples.ts'

/** What an event of sudo's log is made of in these tests. */
export interface SudoAction {
  readonly operation: string
  readonly argv?: readonly string[] | undefined
  readonly env?: readonly string[]
  readonly user?: string
  readonly time?: Date
  readonly kind?: 'accept' | 'reject'
}

/** The fields of an event that sudo 1.9.13 writes. */
export function fields({ operation, user = 'appstore', time = new Date(), ...rest }: SudoAction): object {
  const { argv = argvOf(operation, 'id'), env = [`PRIVEXEC_OPERATION=appstore-${operation}`] } = rest
  const seconds = Math.floor(time.getTime() / 1000)
  const server_time = { seconds, nanoseconds: (time.getTime() % 1000) * 1e6 }
  return {
    server_time,
    submituser: user,
    command: argv[0],
    runuser: 'root',
    runargv: argv,
    runenv: ['HOME=/root', ...env],
  }
}

/** The log as sudo writes it: one object, whose keys repeat. */
export function prettyLog(actions: readonly SudoAction[]): string {
  const events = actions.map(action => {
    const text = JSON.stringify(fields(action), null, 4).replaceAll('\n', '\n    ')
    return `    "${action.kind ?? 'accept'}": ${text},\n    "exit": {\n        "exit_value": 0\n    }`
  })
  return `{\n${events.join(',\n')}\n}\n`
}

/** The compact form: one object a line. */
export const compactLog = (actions: readonly SudoAction[]): string =>
  actions.map(action => `${JSON.stringify({ [action.kind ?? 'accept']: fields(action) })}\n`).join('')
