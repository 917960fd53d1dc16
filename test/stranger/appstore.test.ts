import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, globSync, readFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'
import { compileProject } from './compile.ts'
import { installedProject, oldestNode } from './install.ts'

const skip = process.platform === 'linux' ? false : 'the package of the oldest Node is fetched for Linux'
t.setTimeout(280_000)
if (skip === false) {
  const packages = ['packages/privexec', 'packages/proxmox-lab', 'packages/proxmox', 'apps/appstore']
  const project = installedProject({ packages, files: 'appstore-project' })
  const { directory, run } = project
  chmodSync(directory, 0o755)
  t.teardown(project.remove)
  const installed = (name: string): string => join(directory, 'node_modules/@broker', name)
  const manifest = (name: string) => JSON.parse(readFileSync(join(installed(name), 'package.json'), 'utf8'))

  t.test('the packages hold what is needed, and no sources or tests', async s => {
    const wanted = ['README.md', 'LICENSE', 'dist/index.js', 'dist/index.d.ts']
    const own = ['dist/cli/main.js', 'dist/page/index.html', 'catalog/apps/hello-web/app.yml', 'sdk/appstore/runner.py']
    for (const file of wanted)
      for (const name of ['proxmox', 'appstore']) s.ok(existsSync(join(installed(name), file)), file)
    for (const file of own) s.ok(existsSync(join(installed('appstore'), file)), file)
    s.equal(
      globSync('dist/page/assets/*.js', { cwd: installed('appstore') }).length > 1,
      true,
      'the scripts of the page',
    )
    for (const name of ['proxmox', 'proxmox-lab', 'appstore']) {
      for (const file of ['src', 'test', 'scripts', 'web', 'package.json.kept'])
        s.notOk(existsSync(join(installed(name), file)), `${name}: ${file}`)
      s.notMatch(JSON.stringify(manifest(name).dependencies), 'workspace:', name)
      s.equal(manifest(name).engines.node, `>=${oldestNode.replace(/\.0$/, '')}`, name)
    }
  })

  t.test('a tool compiles in strict mode, checking our declarations too, as do the examples of the README', async s => {
    const { examples, errors, found, wanted } = compileProject(project, installed('proxmox'))
    s.ok(examples > 0)
    s.strictSame(errors, [])
    s.strictSame(found, wanted, 'every wrong call is an error, at its line')
  })

  t.test('the tool talks to a lab by a pinned certificate, and reads an audit trail', async s => {
    const { exitCode, stdout, stderr } = run('node', 'built/tool.js')
    s.equal(exitCode, 0, stderr)
    s.strictSame(JSON.parse(stdout), {
      ...{ version: '9', unknown: 'PROXMOX_FORBIDDEN', pinned: true, store: false },
      ...{ trail: { ok: true, records: 2 }, node: oldestNode },
    })
  })

  t.test('the command starts the whole store against its lab, with its page', async s => {
    const { exitCode, stdout, stderr } = run('npx', '--no-install', 'appstore', '--version')
    s.equal(exitCode, 0, stderr)
    s.equal(stdout.trim(), manifest('appstore').version)
    const node = join(directory, `node_modules/node-linux-${process.arch}/bin/node`)
    const serve = ['serve', '--lab', '--port', '0', '--state', join(directory, 'state'), '--json']
    const words = ['-i', 'PATH=/usr/bin:/bin', `HOME=${directory}`, node, 'node_modules/.bin/appstore', ...serve]
    const daemon = spawn('env', words, { cwd: directory, stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      const { url } = await firstObject(daemon)
      s.match(await read(url, '/healthz'), { status: 200 })
      s.match(await read(url, '/'), { status: 200, text: /<script type="module"/ })
      s.match(await read(url, '/api/v1/installs'), { status: 401 })
    } finally {
      daemon.kill('SIGTERM')
      if (daemon.exitCode === null) await once(daemon, 'exit')
    }
    s.equal(daemon.exitCode, 0)
  })

  async function firstObject(child: ChildProcess): Promise<{ readonly url: string }> {
    for await (const line of createInterface(child.stdout as NonNullable<ChildProcess['stdout']>))
      return JSON.parse(line)
    throw new Error('the daemon has ended')
  }

  function read(url: string, path: string): Promise<{ readonly status: number; readonly text: string }> {
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>()
    const sent = request(new URL(path, url), { rejectUnauthorized: false, agent: false }, async answer => {
      resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(await answer.toArray()).toString() })
    })
    sent.on('error', reject)
    sent.end()
    return promise
  }
} else t.test('a stranger uses the app store', { skip }, async () => {})
