/** What kind of reason an error has; each becomes one boolean of {@link PgdError}. */
export type Reason =
  | 'invalid'
  | 'notFound'
  | 'conflict'
  | 'precondition'
  | 'unavailable'
  | 'failed'
  | 'refused'
  | 'noSpace'
  | 'busy'
  | 'timedOut'
  | 'cancelled'

interface Entry {
  readonly reason: Reason
  /** Exit status of the `pgd` command: one number for each class; sysexits.h where it has one. */
  readonly exit: number
  readonly summary: string
  readonly advice: string
}

/**
 * Every error that pgd can report. Documentation and exit statuses are generated from this table, and a test fails when a
 * code is missing from either side.
 */
export const errorRegistry = {
  PGD_USAGE: {
    reason: 'invalid',
    exit: 64,
    summary: 'The command line is not one that pgd knows',
    advice: 'See pgd --help',
  },
  PGD_INPUT_INVALID: {
    reason: 'invalid',
    exit: 65,
    summary: 'A name, label, time, size or image is not of its kind',
    advice: 'Correct the field that the message names; it says what is allowed',
  },
  PGD_NOT_FOUND: {
    reason: 'notFound',
    exit: 66,
    summary: 'There is no such project, branch or snapshot',
    advice: 'See what there is: pgd project list, pgd branch list, pgd snapshot list',
  },
  PGD_AMBIGUOUS: {
    reason: 'notFound',
    exit: 66,
    summary: 'A short id fits more than one',
    advice: 'Give more characters of it',
  },
  PGD_EXISTS: {
    reason: 'conflict',
    exit: 73,
    summary: 'The name is taken',
    advice: 'Choose another name, or give --if-not-exists',
  },
  PGD_PORT_TAKEN: {
    reason: 'conflict',
    exit: 73,
    summary: "Another program listens on the branch's port",
    advice: 'End that program, or give the branch another port: pgd branch restart BRANCH --port N',
  },
  PGD_HAS_DEPENDENTS: {
    reason: 'precondition',
    exit: 78,
    summary: 'Other branches were made from it',
    advice: 'Delete or promote those first; the message names them',
  },
  PGD_PROTECTED: {
    reason: 'precondition',
    exit: 78,
    summary: 'The branch is protected',
    advice: 'Lift it first: pgd branch protect BRANCH --off',
  },
  PGD_NOT_SET_UP: {
    reason: 'precondition',
    exit: 78,
    summary: 'This account has no storage yet',
    advice: 'Run pgd doctor; it says what lacks. An administrator makes it with pgd setup',
  },
  PGD_NOT_MOUNTED: {
    reason: 'precondition',
    exit: 78,
    summary: "The branch's data are not mounted",
    advice: 'Start it: pgd branch start BRANCH',
  },
  PGD_NOT_RUNNING: {
    reason: 'precondition',
    exit: 78,
    summary: 'The branch does not run',
    advice: 'Start it: pgd branch start BRANCH',
  },
  PGD_NOT_COVERED: {
    reason: 'precondition',
    exit: 78,
    summary: 'Snapshots and archived WAL do not reach that time',
    advice: 'See which times they reach: pgd wal info BRANCH',
  },
  PGD_FOREIGN: {
    reason: 'precondition',
    exit: 78,
    summary: 'Something that pgd did not make is in the way',
    advice: 'Look at what the message names; pgd never touches what it did not make',
  },
  PGD_RUNTIME_UNAVAILABLE: {
    reason: 'unavailable',
    exit: 69,
    summary: 'Neither a container engine nor PostgreSQL itself can be reached',
    advice: 'Run pgd doctor; it says what was looked for',
  },
  PGD_IMAGE_UNAVAILABLE: {
    reason: 'unavailable',
    exit: 69,
    summary: 'The image, or that version of PostgreSQL, is not there and cannot be fetched',
    advice: 'Fetch or build it, or choose another: --image, --pg-version',
  },
  PGD_STORE_UNAVAILABLE: {
    reason: 'unavailable',
    exit: 69,
    summary: 'The storage cannot be reached',
    advice: 'Run pgd doctor; it says what lacks',
  },
  PGD_PROGRAM_FAILED: {
    reason: 'failed',
    exit: 70,
    summary: 'A program that pgd uses failed',
    advice: 'The message ends with its own words',
  },
  PGD_SERVER_FAILED: {
    reason: 'failed',
    exit: 70,
    summary: 'A PostgreSQL server did not start, or ended',
    advice: "The message ends with the server's own words",
  },
  PGD_QUERY_FAILED: {
    reason: 'failed',
    exit: 70,
    summary: 'A PostgreSQL server refused a statement',
    advice: "The message ends with the server's own words",
  },
  PGD_REFUSED: {
    reason: 'refused',
    exit: 77,
    summary: 'This account may not do that',
    advice: 'Run pgd doctor; it says which right lacks',
  },
  PGD_NO_SPACE: {
    reason: 'noSpace',
    exit: 74,
    summary: 'No space is left, or a quota is used up',
    advice: 'Free some: pgd gc, pgd snapshot prune, pgd wal prune',
  },
  PGD_BUSY: {
    reason: 'busy',
    exit: 75,
    summary: 'Another operation on the same branch or project goes on',
    advice: 'Wait for it; the message says whose it is, and since when',
  },
  PGD_TIMED_OUT: {
    reason: 'timedOut',
    exit: 124,
    summary: 'The time limit was reached',
    advice: 'Try again with a longer --timeout; what was begun is undone',
  },
  PGD_CANCELLED: {
    reason: 'cancelled',
    exit: 130,
    summary: 'It was interrupted',
    advice: 'What was begun is undone, now or by the next call',
  },
} as const satisfies Readonly<Record<string, Entry>>

/** A code of {@link errorRegistry}. */
export type ErrorCode = keyof typeof errorRegistry
