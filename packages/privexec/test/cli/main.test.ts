import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { catalogue } from '../../src/catalogue/index.ts'
import { privexec } from './support/cli.ts'

const packageFile = join(import.meta.dirname, '../../package.json')

t.test('--version prints the version of the package', async t => {
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8'))
  t.match(await privexec(['--version']), { status: 0, stdout: `${version}\n`, stderr: '' })
  t.match(await privexec(['--version', '--json']), { stdout: `{"version":"${version}"}\n` })
})

t.test('--help names the verbs on standard output; a group names its own', async t => {
  const { status, stdout } = await privexec(['--help'])
  t.equal(status, 0)
  for (const verb of ['policy', 'explain', 'run', 'doctor', 'audit', 'completion']) t.match(stdout, `privexec ${verb}`)
  t.match((await privexec(['policy', 'diff', '--help'])).stdout, /Examples:\n {2}privexec policy diff/)
})

t.test('what the command line does not have is refused with 64 and an advice', async t => {
  t.match(await privexec([]), { status: 64, stdout: '', stderr: /a command is needed/ })
  t.match(await privexec(['policy']), { status: 64, stderr: /needs one of its commands/ })
  t.match(await privexec(['policy', 'check', 'x', '--force']), {
    status: 64,
    stderr: /Unknown argument: force\n {2}See privexec --help\. \(PRIVEXEC_USAGE\)/,
  })
  t.match(await privexec(['policy', 'check', 'x', '--a\x1b[31m']), { status: 64, stderr: /^[\n -~]*$/ })
})

t.test('with --json an error is one object on standard error, and standard output stays empty', async t => {
  const { status, stdout, stderr } = await privexec(['run', 'no.such', '{}', '--policy', 'x', '--json'])
  t.equal(status, 64)
  t.equal(stdout, '')
  t.match(JSON.parse(stderr), { error: { code: 'PRIVEXEC_USAGE', message: /pct\.exec/, advice: /./, exit: 64 } })
})

t.test('an option that is given twice is refused, since one of the two would be ignored', async t => {
  const run = await privexec(['explain', 'pct.exec', '{}', '--policy', 'a.yaml', '--policy', 'b.yaml'])
  t.match(run, { status: 64, stderr: /--policy is given twice/ })
})

t.test('an option by the name that yargs has for positionals is none of them', async t => {
  for (const word of ['-_', '-_={}', '--_={}', '--no-_']) {
    const run = await privexec(['explain', 'pct.exec', word, '--policy', 'a.yaml'])
    t.match(run, { status: 64, stderr: /Unknown argument: _/ }, word)
  }
})

t.test('completion knows verbs and commands', async t => {
  t.match((await privexec(['completion'])).stdout, /begin-privexec-completions/)
  const words = async (...line: string[]) =>
    (await privexec(['--get-yargs-completions', 'privexec', ...line])).stdout.trim().split('\n')
  t.same(
    await words('run', 'zfs'),
    catalogue.map(({ id }) => id).filter(id => id.startsWith('zfs')),
  )
  t.ok((await words('policy', '')).includes('install'))
})
