import { chmod, readdir } from 'node:fs/promises'
import t from 'tap'
import type { Command } from '../../../src/command/command.ts'
import type { Allowed } from '../../../src/decide/decision.ts'
import type { RunOptions } from '../../../src/execute/options.ts'
import { admission } from '../../../src/root/admit/admission.ts'
import { settle } from '../../support/link.ts'
import { trustedDirectory } from '../../support/trusted-directory.ts'
import { type Setting, serviceWith } from '../support/service.ts'

const never = new AbortController().signal

/** An admission of its own, what it accepted, and a way to ask. */
function opened(setting: Setting = {}) {
  const { service } = serviceWith(setting)
  const accepted: number[] = []
  const admit = admission(service.admission, ({ values }) => accepted.push(values.vmid as number))
  const requestOf = (vmid: number) =>
    service.decide({ id: 'tool.use' } as Command, { vmid, words: ['true'] }) as Allowed
  const ask = (vmid = 20_001, options: RunOptions = {}, limit = 60_000) => admit(requestOf(vmid), limit, options)
  return { ...service.admission, accepted, admit, ask, requestOf }
}

t.test('what is admitted holds its place and its object until it is released', async s => {
  const { ask, gate, accepted } = opened()
  const release = await ask()
  s.strictSame([gate.active, gate.locks.size, accepted], [1, 1, [20_001]])
  await release()
  await release()
  s.strictSame([gate.active, gate.locks.size], [0, 0])
})

t.test('one more than may run waits, one more than may wait is refused and not accepted', async s => {
  const { ask, accepted } = opened({ limits: { running: 1, queue: 1 } })
  const release = await ask(20_001)
  let isIn = false
  const second = ask(20_002).then(() => {
    isIn = true
  })
  await settle()
  s.strictSame([isIn, accepted], [false, [20_001, 20_002]])
  await s.rejects(ask(20_003), { code: 'PRIVEXEC_BUSY' })
  s.equal(accepted.length, 2)
  await release()
  await second
})

t.test('an operation that waits for its object takes no place of those that could run', async s => {
  const { ask } = opened({ limits: { running: 2 } })
  await ask(20_001)
  const abort = new AbortController()
  const waiting = ask(20_001, { signal: abort.signal })
  await settle()
  await ask(20_002)
  abort.abort(new Error('enough'))
  await s.rejects(waiting, { message: 'enough' })
})

t.test('a terminal waits for nobody and keeps nobody out', async s => {
  const { ask } = opened()
  const terminal = { columns: 80, rows: 24 }
  await ask(20_001, { terminal })
  await ask(20_001)
  await ask(20_001, { terminal })
  s.pass('all three are in')
})

t.test('operations on no object wait for no other', async s => {
  const { admit, requestOf, gate } = opened()
  const request = { ...requestOf(20_001), labels: {} }
  await admit(request, 60_000, {})
  await admit(request, 60_000, {})
  s.strictSame([gate.active, gate.locks.size], [2, 0])
})

t.test('time and cancellation end each wait, and what was held is given back', async s => {
  const { ask, gate } = opened({ limits: { running: 1 } })
  const release = await ask(20_001)
  for (const vmid of [20_001, 20_002]) {
    await s.rejects(ask(vmid, {}, 10), { code: 'PRIVEXEC_TIMED_OUT' }, 'its time')
    const abort = new AbortController()
    const waiting = ask(vmid, { signal: abort.signal })
    setImmediate(() => abort.abort(new Error('enough')))
    await s.rejects(waiting, { message: 'enough' }, 'its caller')
  }
  await release()
  s.strictSame([gate.active, gate.locks.size], [0, 0])
})

t.test('a guard is asked with the object locked and a place taken, and its refusal gives both back', async s => {
  let seen: unknown
  const at = opened({
    guarding: {
      check: async () => {
        seen = [at.gate.active, at.gate.locks.size]
        return 'no'
      },
    },
  })
  await s.rejects(at.ask(), { code: 'PRIVEXEC_GUARD_REFUSED' })
  s.strictSame(seen, [1, 1])
  s.strictSame([at.gate.active, at.gate.locks.size], [0, 0])
})

t.test('who cancels while a guard is asked is not let in', async s => {
  const abort = new AbortController()
  const at = opened({ guarding: { check: async () => abort.abort(new Error('enough')) as undefined } })
  await s.rejects(at.ask(20_001, { signal: abort.signal }), { message: 'enough' })
  s.equal(at.gate.active, 0)
})

const skip = process.getuid?.() === 0 ? false : 'only root has a directory of root'

t.test('content is complete before the object is locked, and gone after the release', { skip }, async s => {
  const directory = trustedDirectory(s)
  await chmod(directory, 0o700)
  const { admit, requestOf, gate } = opened()
  const { promise: rest, resolve: send } = Promise.withResolvers<void>()
  async function* content(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('first')
    await rest
  }
  const request = { ...requestOf(20_001), staged: { file: `${directory}/name`, content: content() } }
  const admitted = admit(request, 60_000, { signal: never })
  await settle(50)
  s.equal(gate.locks.size, 0, 'a slow sender holds no lock')
  send()
  const release = await admitted
  s.strictSame(await readdir(directory), ['name'])
  const released = release()
  s.equal(gate.active, 1, 'it counts for as long as its file is there')
  await released
  s.equal(gate.active, 0)
  s.strictSame(await readdir(directory), [])
})

t.test('content over the limit, and a refusal after it, leave no file', { skip }, async s => {
  const directory = trustedDirectory(s)
  await chmod(directory, 0o700)
  async function* content(bytes: number): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(bytes)
  }
  const staged = (bytes: number) => ({ file: `${directory}/name`, content: content(bytes) })
  const small = opened({ limits: { content: 10 } })
  const over = small.admit({ ...small.requestOf(20_001), staged: staged(11) }, 60_000, {})
  await s.rejects(over, { code: 'PRIVEXEC_ARGUMENT_INVALID', field: 'content' })
  const guarded = opened({ guarding: { check: async () => 'no' } })
  const refused = guarded.admit({ ...guarded.requestOf(20_001), staged: staged(5) }, 60_000, {})
  await s.rejects(refused, { code: 'PRIVEXEC_GUARD_REFUSED' })
  s.strictSame(await readdir(directory), [])
})
