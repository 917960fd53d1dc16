/** A first word of the command line, and what answers it; loaded when it is used. */
export interface Group {
  /** As yargs writes it: `start <install>`. */
  readonly command: string
  readonly describe: string
  readonly load: () => Promise<{ readonly verb: object }>
}

/** The first word itself. */
export const nameOf = ({ command }: Group): string => command.split(' ')[0] ?? command

const jobs = async (name: 'jobs' | 'job' | 'cancel') => ({ verb: (await import('./verbs/jobs.ts'))[name] })
const power = async (name: 'start' | 'stop' | 'restart') => ({ verb: (await import('./verbs/power.ts'))[name] })
type Change = 'reconfigure' | 'resize' | 'upgrade' | 'uninstall' | 'reinstall' | 'adopt' | 'backup'
const change = async (name: Change) => ({ verb: (await import('./verbs/change.ts'))[name] })
const show = async (name: 'list' | 'show' | 'secret' | 'logs' | 'status' | 'doctor') => ({
  verb: (await import('./verbs/show.ts'))[name],
})
const access = async (name: 'account' | 'token' | 'session') => ({ verb: (await import('./verbs/access.ts'))[name] })
const node = async (name: 'places' | 'audit') => ({ verb: (await import('./verbs/node.ts'))[name] })
const declare = async (name: 'exporting' | 'plan' | 'apply') => ({ verb: (await import('./verbs/declare.ts'))[name] })

/** All first words, in the order of the help. */
export const groups: readonly Group[] = [
  {
    command: 'serve',
    describe: 'Run the daemon: its API and its page',
    load: async () => ({ verb: (await import('./verbs/serve.ts')).serveVerb }),
  },
  {
    command: 'setup',
    describe: 'Prepare the node and this machine, as root',
    load: async () => ({ verb: (await import('./verbs/setup.ts')).setup }),
  },
  {
    command: 'login <url>',
    describe: 'Log this account in to a daemon',
    load: async () => ({ verb: (await import('./verbs/login.ts')).login }),
  },
  {
    command: 'account',
    describe: 'Accounts: who may log in',
    load: () => access('account'),
  },
  { command: 'token', describe: 'Tokens: what programs log in with', load: () => access('token') },
  { command: 'session', describe: 'Sessions: browsers that are logged in', load: () => access('session') },
  { command: 'status', describe: 'Show the daemon and the node', load: () => show('status') },
  { command: 'doctor', describe: 'Check everything by doing it', load: () => show('doctor') },
  { command: 'places', describe: 'List storages, bridges and templates', load: () => node('places') },
  {
    command: 'audit',
    describe: 'Show what was done as root, and whether the record of it is whole',
    load: () => node('audit'),
  },
  {
    command: 'catalog',
    describe: 'Look at apps, stacks and their sources',
    load: async () => ({ verb: (await import('./verbs/catalog.ts')).catalog }),
  },
  {
    command: 'install [app..]',
    describe: 'Install an app, or several in one guest',
    load: async () => ({ verb: (await import('./verbs/install.ts')).install }),
  },
  { command: 'list', describe: 'List installs', load: () => show('list') },
  { command: 'show <install>', describe: 'Show an install', load: () => show('show') },
  { command: 'secret <install> <name>', describe: 'Print a secret of an install', load: () => show('secret') },
  { command: 'logs <install>', describe: "Print the log of an install's guest", load: () => show('logs') },
  { command: 'start <install>', describe: 'Start the guest', load: () => power('start') },
  { command: 'stop <install>', describe: 'Shut the guest down', load: () => power('stop') },
  { command: 'restart <install>', describe: 'Restart the guest', load: () => power('restart') },
  {
    command: 'reconfigure <install>',
    describe: 'Change inputs and resources in place',
    load: () => change('reconfigure'),
  },
  { command: 'resize <install>', describe: 'Grow a disk', load: () => change('resize') },
  { command: 'upgrade <install>', describe: "Bring the apps to the catalog's versions", load: () => change('upgrade') },
  { command: 'backup <install>', describe: 'Back the guest up', load: () => change('backup') },
  { command: 'uninstall <install>', describe: 'Remove an install', load: () => change('uninstall') },
  {
    command: 'reinstall <install>',
    describe: 'Install again on volumes that were kept',
    load: () => change('reinstall'),
  },
  { command: 'adopt <vmid>', describe: 'Take a guest of the pool under care', load: () => change('adopt') },
  { command: 'export', describe: 'Print what is installed as a declaration', load: () => declare('exporting') },
  { command: 'plan <file>', describe: 'Show what a declaration would change', load: () => declare('plan') },
  { command: 'apply <file>', describe: 'Bring everything to what is declared', load: () => declare('apply') },
  { command: 'jobs', describe: 'List jobs', load: () => jobs('jobs') },
  { command: 'job <job>', describe: 'Show a job and its log', load: () => jobs('job') },
  { command: 'cancel <job>', describe: 'Ask a job to end', load: () => jobs('cancel') },
]
