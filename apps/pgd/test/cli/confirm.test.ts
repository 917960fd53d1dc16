import t from 'tap'
import { confirm } from '../../src/cli/confirm.ts'
import { progress } from '../../src/cli/progress.ts'
import { written } from './support.ts'

const terminal = (there: boolean): void => {
  for (const stream of [process.stdin, process.stderr]) {
    const before = Object.getOwnPropertyDescriptor(stream, 'isTTY')
    Object.defineProperty(stream, 'isTTY', { value: there, configurable: true })
    t.teardown(() =>
      before === undefined ? Reflect.deleteProperty(stream, 'isTTY') : Object.defineProperty(stream, 'isTTY', before),
    )
  }
}

t.test('without a terminal nothing is asked, and --yes is needed', async s => {
  terminal(false)
  const { error, stderr } = await written(() => confirm({ yes: false, input: true }, 'Delete it?'))
  s.match(error, { code: 'PGD_USAGE', field: 'yes', message: /^Delete it\? .*--yes$/ })
  s.equal(stderr, '')
  await confirm({ yes: true, input: true }, 'Delete it?')
})

t.test('with --no-input nothing is asked on a terminal either', async s => {
  terminal(true)
  const { error, stderr } = await written(() => confirm({ yes: false, input: false }, 'Delete it?'))
  s.match(error, { code: 'PGD_USAGE', field: 'yes' })
  s.equal(stderr, '')
})

t.test('steps are shown on a terminal, and taken away at the end', async s => {
  terminal(true)
  const { stderr, stdout } = await written(() => {
    const shown = progress({ quiet: false, json: false })
    shown.step('Making a volume')
    shown.step('x'.repeat(500))
    shown.end()
    shown.end()
  })
  s.equal(stdout, '')
  s.match(stderr.replaceAll('\r\u001b[K', '<'), /^Making a volume …<x{10,400} …<$/)
})

t.test('steps are not shown without a terminal, with --quiet, and with --json', async s => {
  for (const [there, quiet, json] of [
    [false, false, false],
    [true, true, false],
    [true, false, true],
  ] as const) {
    terminal(there)
    const { stderr } = await written(() => {
      const shown = progress({ quiet, json })
      shown.step('Making a volume')
      shown.end()
    })
    s.equal(stderr, '')
  }
})
