import { PassThrough, Readable, Writable } from 'node:stream'
import t from 'tap'
import { execute } from '../../src/execute/execute.ts'
import type { Exit, Running } from '../../src/transport/transport.ts'

/** A program that ends when told to. */
function program(stdin: Writable) {
  const { promise: exited, resolve: exit } = Promise.withResolvers<Exit>()
  const nothing = () => Readable.from([])
  const end = async () => {
    exit({ signal: 'SIGKILL' })
    return { complete: true, processes: 1 }
  }
  const running: Running = { stdin, stdout: nothing(), stderr: nothing(), exited, end }
  return { running, exit }
}

t.test('a program that stops reading is no failure of the stream that it was given', async t => {
  for (const error of [undefined, Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })]) {
    const stdin = new PassThrough()
    const { running, exit } = program(stdin)
    const source = new PassThrough()
    const executed = execute(running, 60_000, { stdin: source })
    source.write('never read')
    stdin.destroy(error)
    // The exit status of a real program comes some turns after its end of the pipe is closed.
    setTimeout(() => exit({ exitCode: 0 }), 20)
    const { interruption, exit: status } = await executed
    t.equal(interruption, undefined)
    t.same(status, { exitCode: 0 })
  }
})

t.test('a stream that fails ends the program', async t => {
  const { running } = program(new Writable({ write: (_chunk, _encoding, done) => done() }))
  const source = new Readable({ read: () => source.destroy(new Error('disk gone')) })
  const { interruption, cause } = await execute(running, 60_000, { stdin: source })
  t.equal(interruption, 'streamFailed')
  t.match(cause, { message: 'disk gone' })
})
