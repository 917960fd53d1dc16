import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { installedProject, oldestNode } from './install.ts'

const skip = process.platform === 'linux' ? false : 'the package of the oldest Node is fetched for Linux'
if (skip === false) {
  const project = installedProject()
  const { directory, run } = project
  t.teardown(project.remove)
  const read = (file: string): string => readFileSync(join(directory, file), 'utf8')
  const installed = join(directory, 'node_modules/@broker/privexec')

  t.test('the package holds what is needed, and no sources or tests', async s => {
    for (const file of ['README.md', 'LICENSE', 'libexec/end-operation', 'dist/policy.schema.json', 'dist/index.d.ts'])
      s.ok(existsSync(join(installed, file)), file)
    for (const file of ['src', 'test', 'scripts', 'tsconfig.build.json'])
      s.notOk(existsSync(join(installed, file)), file)
    const { exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
    s.equal(exports['./package.json'], './package.json', 'by which end-operation is found')
    const { bin, engines } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
    s.equal(engines.node, `>=${oldestNode.replace(/\.0$/, '')}`)
    for (const file of Object.values<string>(bin)) s.ok(existsSync(join(installed, file)), file)
  })

  t.test('a tool of ten lines compiles in strict mode, checking our declarations too, and runs', async s => {
    const compiled = run('tsc', '-p', '.', '--outDir', 'built')
    const errors = compiled.stdout.split('\n').filter(line => /error TS/.test(line))
    s.strictSame(
      errors.filter(line => !line.startsWith('wrong.ts(')),
      [],
    )
    const { exitCode, stdout, stderr } = run('node', 'built/tool.js')
    s.equal(exitCode, 0, stderr)
    const [result = '', refusal] = stdout.split('\n')
    s.match(JSON.parse(result), { exitCode: 0, stdout: 'Reading package lists... Done\n', calls: 1 })
    s.match(JSON.parse(result).argv.slice(-2), ['apt-get', 'update'])
    s.equal(refusal, 'PRIVEXEC_OUT_OF_BOUNDS vmid')
    const records = read('audit.jsonl').trim().split('\n')
    s.strictSame(
      records.map(line => JSON.parse(line).event.type),
      [['allowed', 'start'], ['end'], ['denied']],
    )
  })

  t.test('every wrong input is an error of the compiler, at its line', async s => {
    const { exitCode, stdout } = run('tsc', '-p', '.', '--noEmit')
    s.not(exitCode, 0)
    const found = [...stdout.matchAll(/^wrong\.ts\((\d+),/gm)].map(([, line]) => Number(line))
    const wanted = read('wrong.ts')
      .split('\n')
      .flatMap((line, index) => (line.includes('// wrong: ') ? [index + 1] : []))
    s.ok(wanted.length > 5)
    s.strictSame([...new Set(found)], wanted)
  })

  t.test('the examples of the README compile', async s => {
    const examples = [...readFileSync(join(installed, 'README.md'), 'utf8').matchAll(/```ts\n(.*?)```/gs)]
    s.equal(examples.length, 2)
    for (const [index, [, code = '']] of examples.entries()) writeFileSync(join(directory, `example${index}.ts`), code)
    const { stdout } = run('tsc', '-p', '.', '--noEmit')
    s.notMatch(stdout, /^example/m)
  })

  t.test('a JavaScript caller, by require and on the oldest Node, gets the same answers', async s => {
    const { stdout, stderr } = run('node', 'tool.cjs')
    s.equal(stderr, '')
    s.strictSame(JSON.parse(stdout), {
      exitCode: 0,
      code: 'PRIVEXEC_ARGUMENT_INVALID',
      field: 'vmid',
      node: oldestNode,
    })
  })

  t.test('the command of the package runs by npx, and on the oldest Node', async s => {
    const { exitCode, stdout, stderr } = run('npx', '--no-install', 'privexec', '--version')
    s.equal(exitCode, 0, stderr)
    const { version } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
    s.equal(stdout.trim(), version)
    const check = run('node', 'node_modules/.bin/privexec', 'policy', 'check', 'policy.yaml')
    s.equal(check.exitCode, 0, check.stderr)
    s.match(check.stdout, /^ok policy\.yaml: policy stranger, 1 grant/)
  })
} else t.test('a stranger uses the package', { skip }, async () => {})
