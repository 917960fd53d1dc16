import type { Level } from './finding.ts'

/** A sudoers setting that our drop-in does not decide, and that spoils it or widens it wherever it stands. */
export interface Setting {
  /** `on`: it does harm when it has a value; `off`: when it is taken away. */
  readonly when: 'on' | 'off'
  readonly level: Level
  readonly why: string
}

/** Source: sudoers(5), "Sudoers options". */
export const settings: Readonly<Record<string, Setting>> = {
  requiretty: { when: 'on', level: 'error', why: 'sudo then refuses every call, since none has a terminal' },
  noexec: { when: 'on', level: 'error', why: 'no program may then start another, as nsenter and pct must' },
  runchroot: { when: 'on', level: 'error', why: 'the root directory of our commands is then another one' },
  intercept: { when: 'on', level: 'warning', why: 'programs that our commands start need rules of their own then' },
  closefrom_override: { when: 'on', level: 'warning', why: 'a caller may then hand descriptors over with -C' },
  env_file: { when: 'on', level: 'warning', why: 'it adds variables to the environment of our commands' },
  log_input: { when: 'on', level: 'warning', why: 'what callers send, secrets too, is then kept in a log' },
  log_stdin: { when: 'on', level: 'warning', why: 'what callers send, secrets too, is then kept in a log' },
  log_output: { when: 'on', level: 'note', why: 'what programs answer is then kept in a log' },
  group_plugin: { when: 'on', level: 'note', why: 'groups come from a plug-in, which was not asked here' },
  authenticate: { when: 'off', level: 'warning', why: 'rules need no password then, unless they ask for one' },
  env_reset: { when: 'off', level: 'note', why: 'other commands keep the environment of the caller' },
}
