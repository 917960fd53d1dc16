import t from 'tap'
import { applySetup } from '../../src/setup/apply.ts'
import { planSetup } from '../../src/setup/plan.ts'
import { wordOf } from '../../src/setup/step.ts'
import type { Ran, System } from '../../src/setup/system.ts'

const base = 'tank/pgd/databases'

/** A machine with a ZFS that has delegation, which remembers what was done. */
class Machine implements System {
  readonly isRoot: boolean = true
  readonly groups = new Map([['users', '100']])
  readonly members = new Map([['alice', new Set(['alice'])]])
  readonly datasets = new Map<string, Map<string, string>>([['tank', new Map([['type', 'filesystem']])]])
  readonly allowed: string[] = []
  readonly directories = new Map([
    ['/', { uid: 0, mode: 0o755 }],
    ['/var', { uid: 0, mode: 0o755 }],
    ['/var/lib', { uid: 0, mode: 0o755 }],
  ])
  policy: string | undefined
  changes = 0
  hasDelegation = true
  /** Program and verb that fail. */
  broken = ''

  async run(argv: Parameters<System['run']>[0]): Promise<Ran> {
    const words = argv.map(wordOf)
    const [program = '', verb = '', ...rest] = words
    const ended = (exitCode: number, stdout = '', stderr = '') => ({ exitCode, stdout, stderr })
    const done = (): Ran => {
      this.changes += 1
      return ended(0)
    }
    if (this.broken !== '' && `${program} ${verb}`.endsWith(this.broken)) return ended(9, '', 'it burns')
    const last = words.at(-1) ?? ''
    if (program.endsWith('getent')) {
      const id = verb === 'group' ? this.groups.get(last) : this.members.has(last) ? '1000' : undefined
      return id === undefined ? ended(2) : ended(0, `${last}:x:${id}:\n`)
    }
    if (program.endsWith('groupadd')) this.groups.set(last, '999')
    else if (program.endsWith('gpasswd')) this.members.get(words[2] ?? '')?.add(last)
    else if (program.endsWith('install')) this.directories.set(last, { uid: 0, mode: 0o755 })
    else if (program.endsWith('/id')) return ended(0, [...(this.members.get(last) ?? [])].join(' '))
    else if (program.endsWith('zpool') && verb === 'get') return ended(0, 'tank  delegation  on  default\n')
    else if (program.endsWith('zfs') && verb === 'allow' && !this.hasDelegation) {
      return ended(255, '', 'internal error')
    } else if (program.endsWith('zfs') && verb === 'allow' && rest.length === 1) {
      return ended(0, last === base ? this.allowed.join('') : '')
    } else if (program.endsWith('zfs') && verb === 'allow') {
      if (this.allowed.length === 0) this.allowed.push(`---- Permissions on ${base} ---\n`)
      this.allowed.push(`${words[2] === '-l' ? 'Local' : 'Descendent'} permissions:\n\tgroup pgd ${words[5]}\n`)
    } else if (program.endsWith('zfs') && verb === 'list') {
      if (!this.datasets.has(last)) return ended(1, '', 'dataset does not exist')
      const below = [...this.datasets.keys()].filter(name => name.startsWith(`${last}/`))
      return ended(0, [last, ...(verb === 'list' && rest.includes('-rH') ? below : [])].join('\n'))
    } else if (program.endsWith('zfs') && verb === 'get') {
      const all = this.datasets.get(last)
      if (all === undefined) return ended(1, '', 'dataset does not exist')
      return ended(
        0,
        (words[5] ?? '')
          .split(',')
          .map(name => `${name}\t${all.get(name) ?? '-'}\n`)
          .join(''),
      )
    } else if (program.endsWith('zfs') && (verb === 'create' || verb === 'set')) {
      const all = this.datasets.get(last) ?? new Map([['type', 'filesystem']])
      for (const word of rest.filter(one => one.includes('='))) all.set(...(word.split('=') as [string, string]))
      this.datasets.set(last, all)
    } else if (words.includes('--dry-run')) {
      const state = this.policy === textIn(argv) ? 'unchanged' : 'create'
      return ended(0, JSON.stringify({ steps: [{ state }] }))
    } else if (words.includes('install')) this.policy = textIn(argv)
    return done()
  }

  async look(path: string) {
    const found = this.directories.get(path)
    return found && { ...found, isDirectory: () => true }
  }
  names = async () => []
  read = async () => this.policy
}

const textIn = (argv: Parameters<System['run']>[0]): string | undefined =>
  argv.flatMap(word => (typeof word === 'string' ? [] : [word.text]))[0]

const wish = { pool: 'tank', users: ['alice'], quota: '1g' }

t.test('a plan changes nothing; what it says is done, and then nothing is left to do', async s => {
  const machine = new Machine()
  const plan = await planSetup(machine, wish)
  s.equal(machine.changes, 0)
  s.notOk(plan.every(({ wasDone }) => wasDone))
  const done = await applySetup(machine, plan)
  s.equal(done[0], 'the group pgd')
  s.match(done.at(-1), /policy/)
  s.equal(machine.datasets.get(base)?.get('quota'), String(2 ** 30))
  for (const name of ['setuid', 'devices', 'exec', 'canmount']) s.equal(machine.datasets.get(base)?.get(name), 'off')
  const again = await planSetup(machine, wish)
  s.strictSame(
    again.filter(({ wasDone }) => !wasDone).map(({ title }) => title),
    [],
  )
  const before = machine.changes
  s.strictSame(await applySetup(machine, again), [])
  s.equal(machine.changes, before)
})

t.test('a property that was changed is set back, and no other one', async s => {
  const machine = new Machine()
  await applySetup(machine, await planSetup(machine, wish))
  machine.datasets.get(base)?.set('exec', 'on').set('recordsize', '16384')
  const open = (await planSetup(machine, wish)).filter(({ wasDone }) => !wasDone)
  s.strictSame(
    open.flatMap(({ commands }) => commands),
    [['/usr/sbin/zfs', 'set', 'exec=off', base]],
  )
})

t.test('a step that fails ends it, and what was done is named', async s => {
  const machine = new Machine()
  const plan = await planSetup(machine, wish)
  machine.broken = 'zfs create'
  await s.rejects(applySetup(machine, plan), {
    code: 'PGD_PROGRAM_FAILED',
    message: /tank\/pgd failed \(done before: the group pgd, .*\): .*it burns/,
  })
  s.equal(machine.policy, undefined)
})

t.test('a step that did not have its effect is a failure', async s => {
  const machine = new Machine()
  const plan = await planSetup(machine, wish)
  machine.members.set('alice', Object.assign(new Set<string>(), { add: () => new Set<string>() }))
  await s.rejects(applySetup(machine, plan), { code: 'PGD_PROGRAM_FAILED', message: /alice .* is not so/ })
})

t.test('what is foreign is never touched', async s => {
  const withDataset = new Machine()
  withDataset.datasets.set(
    base,
    new Map([
      ['type', 'filesystem'],
      ['mounted', 'yes'],
    ]),
  )
  withDataset.names = async () => ['file'] as never
  await s.rejects(planSetup(withDataset, wish), { code: 'PGD_FOREIGN', message: /not empty/ })
  const withVolume = new Machine()
  withVolume.datasets.set(base, new Map([['type', 'volume']]))
  await s.rejects(planSetup(withVolume, wish), { code: 'PGD_FOREIGN' })
  const withPolicy = new Machine()
  withPolicy.policy = 'policy: pgd\n'
  await s.rejects(planSetup(withPolicy, wish), { code: 'PGD_FOREIGN', message: /policies\.d/ })
  const withOpenWay = new Machine()
  withOpenWay.directories.set('/var/lib', { uid: 0, mode: 0o777 })
  await s.rejects(planSetup(withOpenWay, wish), { code: 'PGD_FOREIGN', message: /\/var\/lib may be changed/ })
  const withOwner = new Machine()
  withOwner.directories.set('/var/lib/pgd', { uid: 1000, mode: 0o755 })
  await s.rejects(planSetup(withOwner, wish), { code: 'PGD_FOREIGN' })
})

t.test('a pool, account or right that is not there is said', async s => {
  await s.rejects(planSetup(new Machine(), { pool: 'other' }), { code: 'PGD_INPUT_INVALID', field: 'pool' })
  await s.rejects(planSetup(new Machine(), { pool: 'tank', users: ['bob'] }), {
    code: 'PGD_INPUT_INVALID',
    message: /user/,
  })
  const plain = Object.assign(new Machine(), { isRoot: false })
  await s.rejects(applySetup(plain, await planSetup(plain, wish)), { code: 'PGD_REFUSED' })
  s.equal(plain.changes, 0)
})

t.test('databases that are there are neither moved nor put out of reach', async s => {
  const machine = new Machine()
  await applySetup(machine, await planSetup(machine, wish))
  await s.resolves(planSetup(machine, { ...wish, mountRoot: '/srv/pgd' }), 'an empty base may be moved')
  machine.datasets.set(`${base}/shop`, new Map([['type', 'filesystem']]))
  await s.rejects(planSetup(machine, { ...wish, mountRoot: '/srv/pgd' }), {
    code: 'PGD_EXISTS',
    message: /\/var\/lib\/pgd/,
  })
  machine.datasets.set('other', new Map([['type', 'filesystem']]))
  await s.rejects(planSetup(machine, { pool: 'other' }), { code: 'PGD_EXISTS', message: /tank\/pgd\/databases/ })
  const again = await planSetup(machine, wish)
  s.ok(again.every(({ wasDone }) => wasDone))
})

t.test('without delegation nothing is delegated, and the root-side broker does all', async s => {
  const machine = Object.assign(new Machine(), { hasDelegation: false })
  await s.rejects(planSetup(machine, { ...wish, transport: 'sudo' }), {
    code: 'PGD_INPUT_INVALID',
    message: /transport/,
  })
  await applySetup(machine, await planSetup(machine, wish))
  s.strictSame(machine.allowed, [])
  s.match(machine.policy, /^transport: daemon$/m)
  s.match(machine.policy, /zfs\.destroy/)
})
