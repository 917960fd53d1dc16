import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { serve } from '../../../src/root/serve/session.ts'
import { asker, type Setting, serviceWith } from '../support/service.ts'
import { newDirectory } from '../support/warden.ts'

const python = '/usr/bin/python3'
const example = join(import.meta.dirname, '../../../../../docs/examples/privexec-call.py')
const options = existsSync(python) ? {} : { skip: `there is no ${python}` }

/** Runs the example against a service behind a socket; what it left. */
async function call(setting: Setting, command: string, input: object) {
  const { service } = serviceWith(setting)
  const path = join(newDirectory(), 'socket')
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, socket => serve(socket, asker, service))
  server.listen(path)
  await once(server, 'listening')
  const child = spawn(python, [example, path, command, JSON.stringify(input)])
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) child[name].on('data', chunk => (said[name] += chunk))
  const [status] = await once(child, 'close')
  server.close()
  return { ...said, status }
}

const input = { vmid: 20_001, words: ['true'] }

t.test('the example passes output and exit status on', options, async s => {
  const play: Setting['play'] = ({ stdout, stderr, exit }) => {
    stdout.write('x'.repeat(300_000))
    stderr.write('words\n')
    exit({ exitCode: 7 })
  }
  const answer = await call({ play }, 'tool.use', input)
  s.strictSame(answer, { stdout: 'x'.repeat(300_000), stderr: 'words\n', status: 7 })
})

t.test('the example fails, and says why, when nothing ran or no exit status came', options, async s => {
  const refused = await call({}, 'tool.use', { vmid: 104, words: ['true'] })
  s.match(refused, { stdout: '', stderr: /^tool.use: .*PRIVEXEC_OUT_OF_BOUNDS/, status: 1 })
  const killed = await call({ play: ({ exit }) => exit({ signal: 'SIGSEGV' }) }, 'tool.use', input)
  s.match(killed, { stderr: /SIGSEGV/, status: 1 })
  const unrecorded: Setting['recorder'] = {
    outcome: async () => {
      throw new Error('full')
    },
  }
  s.match(await call({ recorder: unrecorded }, 'tool.use', input), { stderr: /recorded/, status: 1 })
})
