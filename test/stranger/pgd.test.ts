import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { unprivileged } from '../support/unprivileged.ts'
import { compileProject } from './compile.ts'
import { installedProject, oldestNode } from './install.ts'

const skip = process.platform === 'linux' ? false : 'the package of the oldest Node is fetched for Linux'
t.setTimeout(280_000)
if (skip === false) {
  const manifest = join(import.meta.dirname, '../../apps/pgd/package.json')
  const before = readFileSync(manifest, 'utf8')
  const project = installedProject({ packages: ['packages/privexec', 'apps/pgd'], files: 'pgd-project' })
  const { directory, run } = project
  // An account without rights is to find it as it finds what it installs itself.
  chmodSync(directory, 0o755)
  const home = mkdtempSync(join(tmpdir(), 'pgd-stranger-'))
  if (process.getuid?.() === 0) chownSync(home, 65534, 65534)
  t.teardown(() => {
    for (const file of globSync(join(home, '.local/share/pgd/databases/**/data/postmaster.pid'))) {
      spawnSync('kill', ['-QUIT', readFileSync(file, 'utf8').split('\n')[0] ?? ''])
    }
    rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
    project.remove()
  })
  const installed = join(directory, 'node_modules/@broker/pgd')
  const node = join(directory, `node_modules/node-linux-${process.arch}/bin/node`)
  /** Runs the oldest Node as an account without rights, who has no containers. */
  const ordinary = (...args: string[]) => {
    const env = ['-i', `HOME=${home}`, 'PATH=/usr/bin:/bin', 'DOCKER_HOST=unix:///none']
    const words = [...unprivileged, 'env', ...env, node, ...args]
    return spawnSync(words[0] ?? '', words.slice(1), { cwd: directory, encoding: 'utf8', timeout: 120_000 })
  }
  const pgd = (...args: string[]) => ordinary('node_modules/.bin/pgd', ...args)

  t.test('the package holds what is needed, and no sources or tests', async s => {
    for (const file of ['README.md', 'LICENSE', 'dist/pgd.schema.json', 'dist/index.d.ts', 'dist/cli/main.js'])
      s.ok(existsSync(join(installed, file)), file)
    for (const file of ['src', 'test', 'scripts', 'examples', 'package.json.kept'])
      s.notOk(existsSync(join(installed, file)), file)
    const packed = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
    s.notMatch(JSON.stringify(packed.dependencies), 'workspace:')
    s.equal(packed.engines.node, `>=${oldestNode.replace(/\.0$/, '')}`)
    s.equal(readFileSync(manifest, 'utf8'), before, 'what is in the repository is as it was')
  })

  t.test('a tool compiles in strict mode, checking our declarations too, as do the examples of the README', async s => {
    const { examples, errors, found, wanted } = compileProject(project, installed)
    s.ok(examples > 0)
    s.strictSame(errors, [])
    s.ok(wanted.length > 5)
    s.strictSame(found, wanted, 'every wrong call is an error, at its line')
  })

  t.test('the command of the package runs by npx, and on the oldest Node', async s => {
    const { version } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
    const { exitCode, stdout, stderr } = run('npx', '--no-install', 'pgd', '--version')
    s.equal(exitCode, 0, stderr)
    s.equal(stdout.trim(), version)
    s.match(pgd('--help'), { status: 0, stdout: /Branch a PostgreSQL database/ })
    s.match(pgd('project', 'adopt', '--help'), { status: 0, stdout: /Take over databases/ })
  })

  t.test('the first use makes a database by what npm installed, and a program branches it', async s => {
    const made = pgd('project', 'create', 'demo', '--pg-version', '18', '--json')
    s.equal(made.status, 0, made.stderr)
    s.match(JSON.parse(made.stdout), { project: { name: 'demo', runtime: 'process', version: 18, running: 1 } })
    const { stdout, stderr } = ordinary('built/tool.js')
    s.equal(stderr, '')
    s.strictSame(JSON.parse(stdout), {
      names: ['demo/work', 'demo/main', '127.0.0.1', 'verify-full'],
      refused: 'PGD_NOT_FOUND',
      left: ['demo/main'],
      node: oldestNode,
    })
    s.equal(pgd('project', 'delete', 'demo', '--yes').status, 0)
  })
} else t.test('a stranger uses pgd', { skip }, async () => {})
