import { spawn } from 'node:child_process'
import { pbkdf2Sync } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'
import { missing, python } from '../sdk/support.ts'

const server = join(import.meta.dirname, '../../catalog/apps/notes/provision/notes.py')

t.test('notes are kept behind the password, and shown as text', { skip: missing }, async t => {
  const salt = Buffer.from('salt')
  const env = {
    NOTES_TITLE: 'A & B',
    NOTES_SALT: salt.toString('base64'),
    NOTES_HASH: pbkdf2Sync('correct', salt, 1000, 32, 'sha256').toString('base64'),
    NOTES_ROUNDS: '1000',
    NOTES_PORT: '0',
    NOTES_ADDRESS: '127.0.0.1',
    NOTES_DATABASE: join(t.testdir({}), 'notes.db'),
  }
  const child = spawn(python, ['-I', server], { env, stdio: ['ignore', 'pipe', 'ignore'] })
  t.teardown(() => child.kill('SIGKILL'))
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const url = `http://127.0.0.1:${line.replace('port ', '')}`
  const header = (password: string): string => `Basic ${Buffer.from(`notes:${password}`).toString('base64')}`
  const ask = async (
    path: string,
    init: RequestInit = {},
    password?: string,
  ): Promise<{ status: number; text: string }> => {
    const headers = {
      ...(init.headers as Record<string, string>),
      ...(password === undefined ? {} : { authorization: header(password) }),
    }
    const response = await fetch(`${url}${path}`, { redirect: 'manual', ...init, headers })
    return { status: response.status, text: await response.text() }
  }
  const add = (text: string): RequestInit => ({ method: 'POST', body: new URLSearchParams({ text }) })
  t.same(await ask('/health'), { status: 200, text: 'ok' })
  t.equal((await ask('/')).status, 401)
  t.equal((await ask('/', {}, 'wrong')).status, 401)
  t.equal((await ask('/', { headers: { authorization: 'Basic %%' } })).status, 401)
  t.equal((await ask('/', add('x'), 'wrong')).status, 401)
  t.equal((await ask('/', add('<b>first</b>'), 'correct')).status, 303)
  t.equal((await ask('/', { ...add('other'), headers: { origin: 'https://evil.example' } }, 'correct')).status, 403)
  t.equal((await ask('/', add('x'.repeat(30_000)), 'correct')).status, 413)
  const page = await ask('/', {}, 'correct')
  t.match(page.text, '<h1>A &amp; B</h1>')
  t.match(page.text, '<li>&lt;b&gt;first&lt;/b&gt;</li>')
  t.notMatch(page.text, 'other')
})
