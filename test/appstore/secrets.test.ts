import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { hostMissing } from '../host/run.ts'

const skip = hostMissing() ?? false
// Under a minute on an idle machine.
t.setTimeout(400_000)
const repository = join(import.meta.dirname, '../..')

interface Result {
  readonly jobs: Readonly<Record<string, string>>
  /** Routes of the API that nobody knew how to ask. */
  readonly unknown: readonly string[]
  readonly control: readonly string[]
  readonly keptByApp: number
  readonly revealed: readonly boolean[]
  readonly looked: Readonly<Record<string, number>>
  readonly leaks: Readonly<Record<string, readonly string[]>>
}

/** What came of a canary in every secret of a store on a throwaway host. */
function onHost(): Result {
  const inside = [process.execPath, '--conditions=@broker/source', 'test/appstore/inside/secrets.ts']
  // Nothing of what tap puts into the environment of children.
  const argv = ['-i', `PATH=${process.env.PATH}`, 'HOME=/root', process.execPath, 'test/host/run.ts', '--', ...inside]
  const { status, stdout, stderr } = spawnSync('env', argv, { cwd: repository, encoding: 'utf8', maxBuffer: 1e8 })
  if (status !== 0) throw new Error(`the host ended with ${status}: ${stdout}${stderr}`)
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Result
}

t.test('a canary in every secret is found nowhere but where its owner and its app keep it', { skip }, async t => {
  const { jobs, unknown, control, keptByApp, revealed, looked, leaks } = onHost()
  t.comment(JSON.stringify(looked))
  t.same(
    jobs,
    {
      ...{ install: 'succeeded', apply: 'active', stack: 'succeeded', reconfigure: 'succeeded', upgrade: 'succeeded' },
      ...{ 'failed reconfigure': 'failed', 'failed install': 'failed', uninstall: 'succeeded', reinstall: 'succeeded' },
    },
    'every way that a secret goes was gone',
  )
  t.same(revealed, [true, true, true], 'its owner gets it')
  t.ok(keptByApp >= 4, 'apps have what they were given')
  t.match(
    control,
    [/^control: \/tmp\/control$/, /^control: cmdline of /, /^control: environ of /],
    'a sampler that sees',
  )
  t.same(unknown, [], 'every route of the API was asked')
  for (const [place, found] of Object.entries(leaks)) t.same(found, [], `none in: ${place}`)
})
