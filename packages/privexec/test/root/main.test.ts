import { mock } from 'node:test'
import t, { type Test } from 'tap'
import { main } from '../../src/root/main.ts'

/** Runs the program within this process, as an account; its exit status and what it said. */
async function run(s: Test, args: readonly string[], getuid = () => 0) {
  let said = ''
  const stderr = mock.method(process.stderr, 'write', (text: string) => {
    said += text
    return true
  })
  const account = mock.method(process as { getuid: () => number }, 'getuid', getuid)
  const [directory, mask, listeners] = [process.cwd(), process.umask(0o077), process.listeners('SIGUSR1')]
  s.teardown(() => process.umask(mask))
  delete process.env.SUDO_UID
  try {
    const status = await main(args, [])
    const added = process.listeners('SIGUSR1').filter(each => !listeners.includes(each))
    return { status, said, mask: process.umask(), directory: process.cwd(), listeners: added.length }
  } finally {
    stderr.mock.restore()
    account.mock.restore()
    process.chdir(directory)
    for (const each of process.listeners('SIGUSR1')) if (!listeners.includes(each)) process.off('SIGUSR1', each)
  }
}

t.test('a command line that is none is an error with its advice, and an exit status', async s => {
  const { status, said } = await run(s, ['--help'])
  s.equal(status, 64)
  s.match(said, /^privexecd: usage: privexecd --policy NAME .*\(PRIVEXEC_USAGE\)\n.+\n$/)
})

t.test('whatever it was started with, it works in / with a mask of its own, and opens no debugger', async s => {
  const { mask, directory, listeners } = await run(s, [])
  s.strictSame([mask, directory, listeners], [0o022, '/', 1])
})

t.test('only root may start it', async s => {
  const { said } = await run(s, ['--once', 'sample'], () => 1000)
  s.match(said, /PRIVEXEC_ROOT_NEEDED/)
})

t.test('one request is for somebody whom sudo names', async s => {
  const { status, said } = await run(s, ['--once', 'sample'])
  s.not(status, 0)
  s.match(said, /PRIVEXEC_PEER_REFUSED/)
})

t.test('a mistake of the program is no error of its user', async s => {
  const broken = () => {
    throw new TypeError('broken')
  }
  await s.rejects(run(s, ['--once', 'sample'], broken), { name: 'TypeError' })
})
