import type { Argv, CommandModule } from 'yargs'
import type { Planned } from '../../setup/step.ts'
import type { SetupOptions, SetupTransport } from '../../setup/wish.ts'
import { confirm } from '../confirm.ts'
import { colour } from '../style.ts'
import { type Common, note, print, schema } from '../verb.ts'

interface Args extends Common {
  readonly pool: string
  readonly user?: string
  readonly group: string
  readonly quota?: string
  readonly 'mount-root'?: string
  readonly transport?: SetupTransport
  readonly script: boolean
  readonly 'dry-run': boolean
}

/** `pgd setup`: made once, by root; it opens no storage, since there is none yet. */
export const verb: CommandModule<Common, Args> = {
  command: 'setup',
  describe: 'Make storage for databases on a ZFS pool, as root',
  builder: yargs =>
    (yargs as Argv<Common>)
      .option('pool', { type: 'string', requiresArg: true, demandOption: true, describe: 'ZFS pool to use' })
      .option('user', { type: 'string', requiresArg: true, describe: 'Accounts that may use it, with commas between' })
      .option('group', { type: 'string', requiresArg: true, default: 'pgd', describe: 'Group of these accounts' })
      .option('quota', { type: 'string', requiresArg: true, describe: 'Limit for all databases: 100g' })
      .option('mount-root', { type: 'string', requiresArg: true, describe: 'Where to mount; /var/lib/pgd by default' })
      .option('transport', {
        choices: ['sudo', 'daemon'] as const,
        requiresArg: true,
        describe: 'How root is asked to mount; found by default',
      })
      .option('script', { type: 'boolean', default: false, describe: 'Print it as a script for sh, and do nothing' })
      .option('dry-run', { type: 'boolean', default: false, describe: 'Say what would be done, and do nothing' })
      .example('$0 setup --pool tank --user alice,bob --quota 100g', '')
      .example('$0 setup --pool tank --script >setup.sh', 'To read it first') as unknown as Argv<Args>,
  handler: async given => {
    const args = given as unknown as Args
    const [{ planSetup }, { thisSystem: system }, { viewOf }] = await Promise.all([
      import('../../setup/plan.ts'),
      import('../../setup/system.ts'),
      import('../../setup/step.ts'),
    ])
    const plan = await planSetup(system, optionsOf(args))
    if (args.script) {
      const { scriptOf } = await import('../../setup/script.ts')
      return print(scriptOf(plan))
    }
    const isOpen = plan.some(({ wasDone }) => !wasDone)
    const steps = plan.map(viewOf)
    if (args['dry-run'] || !isOpen) {
      return print(args.json ? JSON.stringify({ schema, steps, changed: [] }) : await textOf(plan))
    }
    if (!args.quiet) note(await textOf(plan))
    await confirm(args, 'Make these changes?')
    const { applySetup } = await import('../../setup/apply.ts')
    const changed = await applySetup(system, plan, title => args.quiet || note(`Making ${title}`))
    await print(
      args.json ? JSON.stringify({ schema, steps, changed }) : 'All is set up. Its users check it with pgd doctor',
    )
  },
}

const optionsOf = ({ pool, user, group, quota, 'mount-root': mountRoot, transport }: Args): SetupOptions => ({
  ...{ pool, group, users: user === undefined ? [] : user.split(',') },
  ...(quota === undefined ? {} : { quota }),
  ...(mountRoot === undefined ? {} : { mountRoot }),
  ...(transport === undefined ? {} : { transport }),
})

/** The steps, each with what it does; content of files too. */
async function textOf(plan: readonly Planned[]): Promise<string> {
  const [{ quote }, { wordOf }] = await Promise.all([import('../../setup/quote.ts'), import('../../setup/step.ts')])
  const lines = plan.flatMap(({ title, why, wasDone, commands }) => {
    const head = `${wasDone ? colour('green', 'done') : colour('yellow', 'to do')}  ${title}: ${why}`
    if (wasDone) return [head]
    const files = new Map(commands.flat().flatMap(word => (typeof word === 'string' ? [] : [[word.name, word.text]])))
    return [
      head,
      ...commands.map(argv => `       ${argv.map(word => quote(wordOf(word))).join(' ')}`),
      ...[...files].flatMap(([name = '', text = '']) => [
        `       ${name}:`,
        ...text
          .trimEnd()
          .split('\n')
          .map(line => `         ${line}`),
      ]),
    ]
  })
  return lines.join('\n')
}
