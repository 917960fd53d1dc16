import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { isPgdError } from '../../../src/errors/error.ts'
import { findEngine, openEngine } from '../../../src/runtime/docker/engine.ts'
import { EngineRefusal } from '../../../src/runtime/docker/failure.ts'

const send = (response: ServerResponse, status: number, body?: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(body === undefined ? undefined : JSON.stringify(body))
}

/** An engine that answers as it is told, at a socket of its own. */
async function stand(t: Test, answer: RequestListener, info: unknown = { ServerVersion: '99.1' }) {
  const directory = mkdtempSync(join(tmpdir(), 'engine-'))
  const socket = join(directory, 'docker.sock')
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    if (request.url === '/info') send(response, 200, info)
    else answer(request, response)
  })
  await new Promise<void>(resolve => server.listen(socket, resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
    rmSync(directory, { recursive: true, force: true })
  })
  return socket
}

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'none',
    error => (isPgdError(error) ? error.code : error),
  )

t.test('what an engine is, it says itself', async t => {
  const socket = await stand(t, () => {}, {
    ServerVersion: '99.1',
    SecurityOptions: ['name=seccomp,profile=default', 'name=rootless'],
  })
  const { traits } = await openEngine(socket)
  t.match(traits, { name: 'docker', version: '99.1', isRootless: true, isLabelled: false })
})

t.test('an engine that does not answer is told with its socket', async t => {
  const error = await findEngine({ DOCKER_HOST: 'unix:///nowhere/docker.sock' }).catch(error => error)
  t.match(error, {
    code: 'PGD_RUNTIME_UNAVAILABLE',
    message: /^No container engine answers: \/nowhere\/docker\.sock is not there$/,
  })
})

t.test('what is gone or ended already is no failure, and other refusals carry the words of the engine', async t => {
  const socket = await stand(t, ({ url = '' }, response) => {
    if (url.includes('ended/stop')) send(response, 304)
    else if (url.includes('going'))
      send(response, 409, { message: 'removal of container going is already in progress' })
    else if (url.includes('odd')) send(response, 500, { message: 'the disk is on fire' })
    else send(response, 404, { message: 'No such container' })
  })
  const engine = await openEngine(socket)
  await engine.stop('ended', 1)
  await engine.stop('absent', 1)
  await engine.remove('absent')
  await engine.remove('going')
  t.equal(await engine.container('absent'), undefined)
  t.equal(await engine.image('absent'), undefined)
  t.equal((await engine.log('absent', 1)).length, 0)
  for (const work of [engine.stop('odd', 1), engine.remove('odd'), engine.start('odd'), engine.container('odd')]) {
    t.match(await codeOf(work), new EngineRefusal(500, 'the disk is on fire'))
  }
})

t.test('a pull tells its steps, and fails when one of them is an error', async t => {
  const socket = await stand(t, ({ url = '' }, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write('{"status":"Pulling from library/postgres","id":"17"}\r\n{"status":"Down')
    setImmediate(() =>
      response.end(`loading","id":"abc"}\r\n${url.includes('bad') ? '{"error":"no space left on device"}\r\n' : ''}`),
    )
  })
  const engine = await openEngine(socket)
  const lines: string[] = []
  await engine.pull('good:1', line => lines.push(line))
  t.strictSame(lines, ['17: Pulling from library/postgres', 'abc: Downloading'])
  t.match(await codeOf(engine.pull('bad:1', () => {})), new EngineRefusal(500, 'no space left on device'))
})

t.test('an engine that breaks off is gone, before an answer and within one', async t => {
  const socket = await stand(t, ({ url = '' }, response) => {
    if (url.includes('/wait')) {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.flushHeaders()
      setImmediate(() => response.destroy())
    } else response.destroy()
  })
  const engine = await openEngine(socket)
  t.equal(await codeOf(engine.list({})), 'PGD_RUNTIME_UNAVAILABLE')
  t.equal(await codeOf(engine.start('x')), 'PGD_RUNTIME_UNAVAILABLE')
  t.equal(await codeOf(engine.whenEnded('x')), 'PGD_RUNTIME_UNAVAILABLE')
  const { exit } = await engine.whenRemoved('x')
  t.equal(await codeOf(exit), 'PGD_RUNTIME_UNAVAILABLE')
})

t.test('the end of a container is its exit status, and who waits is told that the engine waits too', async t => {
  const asked: string[] = []
  let end = (): void => {}
  const socket = await stand(t, ({ url = '' }, response) => {
    asked.push(url)
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    end = () => response.end('{"StatusCode":3}')
  })
  const engine = await openEngine(socket)
  const { exit } = await engine.whenRemoved('x')
  t.strictSame(asked, ['/containers/x/wait?condition=removed'])
  end()
  t.equal(await exit, 3)
})

t.test('who asks no more for the end of a container waits no more', async t => {
  const socket = await stand(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
  })
  const asking = new AbortController()
  const { exit } = await (await openEngine(socket)).whenRemoved('x', asking.signal)
  asking.abort()
  t.equal(await codeOf(exit), 'PGD_RUNTIME_UNAVAILABLE')
})

t.test('labels are asked for by name, and by value where one is given', async t => {
  let asked = ''
  const socket = await stand(t, ({ url = '' }, response) => {
    asked = url
    send(response, 200, [])
  })
  await (await openEngine(socket)).list({ 'pgd.account': '1000', 'pgd.key': '' })
  const query = new URL(asked, 'http://engine').searchParams
  t.strictSame(JSON.parse(query.get('filters') ?? ''), { label: ['pgd.account=1000', 'pgd.key'] })
  t.equal(query.get('all'), 'true')
})

t.test('a status that the engine lost is a failure', async t => {
  const answers = [{ StatusCode: 0, Error: { Message: 'no such container' } }, { Error: null }, {}, null]
  for (const answer of answers) {
    const socket = await stand(t, (_request, response) => send(response, 200, answer))
    const engine = await openEngine(socket)
    t.match(await codeOf(engine.whenEnded('x')), { name: 'EngineRefusal' })
    t.match(await codeOf((await engine.whenRemoved('x')).exit), { name: 'EngineRefusal' })
  }
})

t.test('Podman is asked for the status before it forgets it, and is told to remove the container', async t => {
  const asked: string[] = []
  const answer: RequestListener = ({ method = '', url = '' }, response) => {
    asked.push(`${method} ${url}`)
    if (method === 'DELETE') send(response, 204)
    else send(response, 200, { StatusCode: 7, Error: null })
  }
  const socket = await stand(t, answer, { BuildahVersion: '1.28.2' })
  const { exit } = await (await openEngine(socket)).whenRemoved('x')
  t.equal(await exit, 7)
  t.strictSame(asked, ['POST /containers/x/wait?condition=next-exit', 'DELETE /containers/x?force=true&v=true'])
})
