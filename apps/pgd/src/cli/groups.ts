/** A first word of the command line, and what answers it; loaded when it is used. */
export interface Group {
  /** As yargs writes it: `diff <left> <right>`. */
  readonly command: string
  readonly describe: string
  readonly load: () => Promise<{ readonly verb: object }>
}

/** All first words, in the order of the help. */
export const groups: readonly Group[] = [
  {
    command: 'status',
    describe: 'Show storage, runtimes, and what needs attention',
    load: () => import('./verbs/status.ts'),
  },
  {
    command: 'project',
    describe: 'Make, adopt, list, show and delete projects',
    load: () => import('./verbs/project.ts'),
  },
  {
    command: 'branch',
    describe: 'Make, list, show, reset, start, stop and delete branches',
    load: () => import('./verbs/branch.ts'),
  },
  {
    command: 'snapshot',
    describe: 'Make, list and delete snapshots of a branch',
    load: () => import('./verbs/snapshot.ts'),
  },
  { command: 'wal', describe: "Look at a branch's archive, and prune it", load: () => import('./verbs/wal.ts') },
  {
    command: 'url <branch>',
    describe: 'Print the URL of a branch, with its password',
    load: () => import('./verbs/url.ts'),
  },
  {
    command: 'password <branch>',
    describe: 'Print the password of a branch, or make a new one',
    load: () => import('./verbs/password.ts'),
  },
  { command: 'connect <branch>', describe: 'Open psql on a branch', load: () => import('./verbs/connect.ts') },
  {
    command: 'run <branch>',
    describe: 'Run a program with DATABASE_URL of a branch',
    load: () => import('./verbs/run.ts'),
  },
  {
    command: 'diff <left> <right>',
    describe: 'Show what differs between two branches',
    load: () => import('./verbs/diff.ts'),
  },
  {
    command: 'import <project>',
    describe: 'Make a project from a server, a dump or a data directory',
    load: () => import('./verbs/import.ts'),
  },
  {
    command: 'repair',
    describe: 'Take back or see through what was interrupted',
    load: () => import('./verbs/repair.ts'),
  },
  {
    command: 'doctor',
    describe: 'Look whether branches can be made here, and say what lacks',
    load: () => import('./verbs/doctor.ts'),
  },
  {
    command: 'setup',
    describe: 'Make storage for databases on a ZFS pool, as root',
    load: () => import('./verbs/setup.ts'),
  },
  {
    command: 'gc',
    describe: 'Delete branches, data and snapshots that have had their time',
    load: () => import('./verbs/gc.ts'),
  },
]

/** First word of a group's command. */
export const nameOf = ({ command }: Pick<Group, 'command'>): string => command.split(' ')[0] ?? command
