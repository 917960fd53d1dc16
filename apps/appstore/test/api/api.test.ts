import t from 'tap'
import { password, serve } from '../support/served.ts'

const apps = [{ app: 'rich', inputs: { password: 'canary-9d1e' } }]

t.test('the whole way of an install through the API', async t => {
  const { call, token } = await serve(t)
  const auth = { token: token() }
  t.match((await call('GET', '/api/v1/catalog/apps?text=rich', auth)).json, {
    total: 1,
    apps: [{ id: 'rich', installed: 0 }],
  })
  const detail = (await call('GET', '/api/v1/catalog/apps/rich', auth)).json
  t.match(detail, {
    inputs: [{ key: 'port' }, { key: 'password', type: 'secret' }],
    consent: { items: [{ kind: 'volume' }] },
  })
  const plan = await call('POST', '/api/v1/installs/plan', { ...auth, body: { name: 'box', apps } })
  t.equal(plan.status, 200)
  const refused = await call('POST', '/api/v1/installs', { ...auth, body: { name: 'box', apps } })
  t.match(refused, { status: 428, json: { code: 'APPSTORE_CONSENT_REQUIRED', status: 428 } })
  t.match(refused.headers['content-type'], 'application/problem+json')
  const body = { name: 'box', apps, consent: plan.json.consent.hash }
  const queued = await call('POST', '/api/v1/installs', { ...auth, body, headers: { 'idempotency-key': 'one' } })
  t.match(queued, { status: 202, json: { kind: 'install', principal: 'alice' } })
  const again = await call('POST', '/api/v1/installs', { ...auth, body, headers: { 'idempotency-key': 'one' } })
  t.equal(again.json.id, queued.json.id)
  const events = await call('GET', `/api/v1/jobs/${queued.json.id}/events`, {
    ...auth,
    headers: { accept: 'text/event-stream' },
  })
  t.match(events.text, /event: state\ndata: \{"kind":"state","data":\{"state":"succeeded"\}/)
  const job = (await call('GET', `/api/v1/jobs/${queued.json.id}`, auth)).json
  t.match(job, {
    state: 'succeeded',
    steps: [{ name: 'template', title: 'Get the template', state: 'done' }, { name: 'create' }],
  })
  t.match((await call('GET', '/api/v1/installs', auth)).json, {
    installs: [{ name: 'box', live: { state: 'running' } }],
  })
  t.match((await call('GET', '/api/v1/installs/box/secrets/rich/password', auth)).json, { value: 'canary-9d1e' })
  const answers = await Promise.all(
    [
      'installs',
      'installs/box',
      'jobs',
      `jobs/${queued.json.id}`,
      'declaration',
      'status',
      `jobs/${queued.json.id}/events`,
    ].map(path => call('GET', `/api/v1/${path}`, auth)),
  )
  t.notMatch(answers.map(({ text }) => text).join(''), 'canary-9d1e')
})

t.test('nothing but health is open without a login', async t => {
  const { api, call } = await serve(t)
  t.match(await call('GET', '/healthz'), { status: 200, json: { status: 'ok' } })
  t.match(await call('GET', '/readyz'), { status: 200 })
  const routes = Object.entries((api.swagger() as { paths: Record<string, object> }).paths)
  t.ok(routes.length > 30)
  for (const [path, methods] of routes) {
    for (const method of Object.keys(methods)) {
      if (path === '/login') continue
      const url = `/api/v1${path.replace(/\{\w+\}/g, 'x')}`
      const { status } = await call(
        method.toUpperCase(),
        url,
        ['post', 'put', 'patch'].includes(method) ? { body: {} } : {},
      )
      t.equal(status, 401, `${method} ${path}`)
    }
  }
  t.equal((await call('GET', '/api/v1/openapi.json')).status, 401)
})

t.test('a token does what its scopes allow, and is refused the rest', async t => {
  const { call, token } = await serve(t)
  const auth = { token: token('read') }
  t.equal((await call('GET', '/api/v1/installs', auth)).status, 200)
  const refused = await call('POST', '/api/v1/installs', { ...auth, body: { apps } })
  t.match(refused, { status: 403, json: { detail: 'This takes the scope "install"' } })
  t.equal((await call('POST', '/api/v1/tokens', { ...auth, body: { label: 'x', scopes: ['admin'] } })).status, 403)
  t.equal((await call('GET', '/api/v1/installs', { token: 'nonsense' })).status, 401)
})

t.test('a page logs in, and needs its own token for what changes something', async t => {
  const { call } = await serve(t)
  const login = await call('POST', '/api/v1/login', { body: { account: 'alice', password } })
  t.match(login, { status: 200, json: { name: 'alice', csrf: String } })
  const set = String(login.headers['set-cookie'])
  t.match(set, /^__Host-appstore=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/)
  const cookie = set.split(';')[0] ?? ''
  t.match((await call('GET', '/api/v1/me', { headers: { cookie } })).json, { name: 'alice', csrf: login.json.csrf })
  t.match(await call('POST', '/api/v1/logout', { headers: { cookie } }), { status: 403 })
  const headers = { cookie, 'x-csrf-token': login.json.csrf }
  t.equal((await call('POST', '/api/v1/logout', { headers })).status, 204)
  t.equal((await call('GET', '/api/v1/me', { headers })).status, 401)
})

t.test('guessing a password gets slower', async t => {
  const { call } = await serve(t)
  const guess = () => call('POST', '/api/v1/login', { body: { account: 'alice', password: 'wrong' } })
  for (let n = 0; n < 5; n++) t.equal((await guess()).status, 401)
  const limited = await guess()
  t.match(limited, { status: 429, json: { code: 'APPSTORE_RATE_LIMITED' } })
  t.match(limited.headers['retry-after'], /^\d+$/)
})

t.test('another name, and a page from elsewhere, are refused', async t => {
  const { call, token, port } = await serve(t)
  const auth = { token: token() }
  for (const host of ['evil.example', 'store.example.org.evil.example', 'localhost@evil.example']) {
    t.equal((await call('GET', '/healthz', { headers: { host } })).status, 403, host)
  }
  for (const host of ['store.example.org:8443', `localhost:${port}`, '[::1]:1']) {
    t.equal((await call('GET', '/healthz', { headers: { host } })).status, 200, host)
  }
  const body = { account: 'alice', password }
  const from = (origin: string) => call('POST', '/api/v1/login', { body, headers: { origin } })
  t.equal((await from('https://evil.example')).status, 403)
  t.equal((await from(`https://127.0.0.1:${port}.evil.example`)).status, 403)
  t.equal((await from(`http://127.0.0.1:${port}`)).status, 403)
  t.equal((await from('null')).status, 403)
  t.equal((await from(`https://127.0.0.1:${port}`)).status, 200)
  t.equal((await call('GET', '/api/v1/status', { ...auth, headers: { origin: 'https://evil.example' } })).status, 200)
})

t.test('what is not of its kind is refused with its field, and nothing of a stranger is told as it is', async t => {
  const { call, token } = await serve(t)
  const auth = { token: token() }
  const bad = await call('POST', '/api/v1/installs', { ...auth, body: { apps, name: 'UPPER', colour: 'red' } })
  t.match(bad, { status: 422, json: { code: 'APPSTORE_INPUT_INVALID', problems: [{ field: 'name' }] } })
  t.match(await call('GET', '/api/v1/installs/%00', auth), { status: 404 })
  t.match(await call('GET', '/api/v1/jobs?limit=0', auth), { status: 422, json: { field: 'limit' } })
  t.match(await call('GET', '/api/v1/nothing', auth), { status: 404 })
  const broken = await call('POST', '/api/v1/installs', { ...auth, headers: { 'content-type': 'application/json' } })
  t.match(broken, { status: 400, json: { code: 'APPSTORE_USAGE' } })
})

t.test('sessions and tokens are listed and ended; accounts are made and removed', async t => {
  const { call, token } = await serve(t)
  const auth = { token: token() }
  t.equal(
    (await call('POST', '/api/v1/accounts', { ...auth, body: { name: 'bob', role: 'viewer', password } })).status,
    201,
  )
  const login = await call('POST', '/api/v1/login', { body: { account: 'bob', password } })
  const cookie = String(login.headers['set-cookie']).split(';')[0] ?? ''
  const headers = { cookie, 'x-csrf-token': login.json.csrf }
  const made = await call('POST', '/api/v1/tokens', { headers, body: { label: 'script', scopes: ['read', 'admin'] } })
  t.match(made, { status: 201, json: { scopes: ['read'], text: /^appstore_/ } })
  t.equal((await call('GET', '/api/v1/accounts', { headers })).status, 403)
  t.equal((await call('GET', '/api/v1/tokens', { headers })).json.tokens.length, 1)
  const { sessions } = (await call('GET', '/api/v1/sessions', auth)).json
  t.equal((await call('DELETE', `/api/v1/sessions/${sessions[0].id}`, auth)).status, 204)
  t.equal((await call('GET', '/api/v1/me', { headers })).status, 401)
  t.equal((await call('DELETE', '/api/v1/accounts/bob', auth)).status, 204)
  t.equal((await call('GET', '/api/v1/me', { token: made.json.text })).status, 401)
  t.equal((await call('DELETE', '/api/v1/accounts/alice', auth)).status, 409)
})

t.test('the API describes itself, and tells metrics', async t => {
  const { call, token } = await serve(t)
  const auth = { token: token() }
  const { json } = await call('GET', '/api/v1/openapi.json', auth)
  t.match(json, { openapi: '3.1.0', paths: { '/installs': { post: { summary: 'Install' } } } })
  t.ok(json.paths['/installs'].post.responses['202'])
  const metrics = await call('GET', '/api/v1/metrics', auth)
  t.match(metrics.text, /appstore_catalog_apps 2/)
  t.match(metrics.text, /process_resident_memory_bytes \d+/)
})

t.test('answers carry a strict policy for their content', async t => {
  const { call } = await serve(t)
  const { headers } = await call('GET', '/healthz')
  t.match(headers['content-security-policy'], /default-src 'none'/)
  t.match(headers['x-content-type-options'], 'nosniff')
})
