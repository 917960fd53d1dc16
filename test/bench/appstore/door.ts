import { setTimeout as wait } from 'node:timers/promises'
import type { GuestDoor } from '../../../apps/appstore/src/provision/door.ts'
import { talker } from './catalog.ts'

/** What the talker tells, and when it begins. */
export interface Talk {
  readonly begin: Promise<void>
  readonly lines: number
  /** Milliseconds between two lines. */
  readonly pause: number
}

const event = (fields: object): Buffer => Buffer.from(`@appstore ${JSON.stringify(fields)}\n`)

/** Stands for the way into a guest: scripts are there already, and succeed at once, but for the install of the talker. */
export const standIn = (talk: Talk) => (): GuestDoor => ({
  exec: async (argv, { onStdout } = {}) => {
    if (argv[0] !== 'python3') return { exitCode: 0, stdout: 'appstore: present\n', stderr: '' }
    if (argv.at(-1) === 'install' && argv.some(one => one.includes(`/${talker}/`))) {
      await talk.begin
      for (let line = 1; line <= talk.lines; line++) {
        onStdout?.(event({ kind: 'log', level: 'info', text: `line ${line} of an install that says what it does` }))
        await wait(talk.pause)
      }
    }
    onStdout?.(event({ kind: 'done', ok: true, exit: 0 }))
    return { exitCode: 0, stdout: '', stderr: '' }
  },
  push: async () => {},
})
