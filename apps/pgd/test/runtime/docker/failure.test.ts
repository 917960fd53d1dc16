import t from 'tap'
import { isPgdError } from '../../../src/errors/error.ts'
import { EngineRefusal, engineGone, translate } from '../../../src/runtime/docker/failure.ts'

const codes = {
  PGD_PORT_TAKEN: [
    'driver failed programming external connectivity on endpoint x: Bind for 127.0.0.1:5432 failed: port is already allocated',
    'driver failed: Error starting userland proxy: listen tcp4 127.0.0.1:5432: bind: address already in use',
  ],
  PGD_IMAGE_UNAVAILABLE: ['No such image: postgres:17', 'postgres:17: image not known'],
  PGD_NOT_MOUNTED: [
    'invalid mount config for type "bind": bind source path does not exist: /tank/x',
    'statfs /tank/x: no such file or directory',
  ],
  PGD_NO_SPACE: ['mkdir /var/lib/docker/overlay2/x: no space left on device'],
  PGD_PROGRAM_FAILED: ['something else'],
}

t.test('what an engine refuses is told by its reason, with its own words', async t => {
  for (const [code, all] of Object.entries(codes)) {
    for (const words of all) {
      const error = translate(new EngineRefusal(500, words), 'shop/dev', 5432)
      if (!isPgdError(error)) return t.fail(`no error of ours: ${words}`)
      t.equal(error.code, code, words)
      t.equal(error.stderr, words)
      t.match(error.message, words.slice(0, 20).replaceAll('"', '\\"'))
    }
  }
})

t.test('words of an engine cannot bend a message', async t => {
  const error = translate(new EngineRefusal(500, 'bad\n\u001b[31mred'), 'shop/dev')
  t.match((error as Error).message, /^[ -~]+$/)
})

t.test('an engine that is gone says why, and other errors pass', async t => {
  t.match(engineGone('/x.sock', { code: 'EACCES' }).message, 'may not be used by this account')
  t.match(engineGone('/x.sock', new Error('socket hang up')).message, 'socket hang up')
  const other = new TypeError('ours')
  t.equal(translate(other, 'x'), other)
})
