import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { AppstoreError, isAppstoreError } from '../../src/errors/error.ts'
import { type ErrorCode, errorRegistry } from '../../src/errors/registry.ts'

const codes = Object.keys(errorRegistry) as ErrorCode[]
const sources = new URL('../../src', import.meta.url).pathname

t.test('every code that the sources name is in the registry', async t => {
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'))
  const named = new Set<string>()
  for (const file of files) {
    const text = readFileSync(join(sources, file), 'utf8')
    for (const [code] of text.matchAll(/(?<=')APPSTORE_[A-Z_]+(?=')/g)) named.add(code)
  }
  t.ok(named.size > 0)
  t.same(
    [...named].filter(code => !(code in errorRegistry)),
    [],
  )
})

t.test('each class of errors has one exit status, and no two share one', async t => {
  const statuses = new Map<number, string>()
  for (const code of codes) {
    const { reason, exit, http, summary, advice } = errorRegistry[code]
    t.ok(Number.isInteger(exit) && exit >= 64 && exit <= 130, code)
    t.ok(Number.isInteger(http) && http >= 400 && http <= 599, code)
    // A wrong command line and a wrong value are both invalid, each with the number that sysexits.h has for it.
    const kind = code === 'APPSTORE_USAGE' ? code : reason
    t.equal(statuses.get(exit) ?? kind, kind, `${exit} is one class`)
    statuses.set(exit, kind)
    t.match(summary, /^[A-Z].*[^.]$/)
    t.match(advice, /^[A-Z].*[^.]$/)
  }
})

t.test('an error has its code and exactly one reason', async t => {
  for (const code of codes) {
    const error = new AppstoreError(code, 'words', { field: 'f', cause: 'c' })
    const flags = Object.entries(error).filter(([key, value]) => /^is[A-Z]/.test(key) && value === true)
    const { reason, exit, http, advice } = errorRegistry[code]
    t.same(flags, [[`is${reason.charAt(0).toUpperCase()}${reason.slice(1)}`, true]])
    t.same(
      [error.code, error.exit, error.http, error.advice, error.field, error.cause],
      [code, exit, http, advice, 'f', 'c'],
    )
  }
})

t.test('a hint stands above the advice of the registry', async t => {
  t.equal(new AppstoreError('APPSTORE_BUSY', 'words', { hint: 'Wait' }).advice, 'Wait')
  t.equal('hint' in new AppstoreError('APPSTORE_BUSY', 'words'), false)
})

t.test('an error is recognised across copies of the package', async t => {
  const other = { [Symbol.for('@broker/appstore.error')]: true }
  t.same([new AppstoreError('APPSTORE_BUSY', 'w'), other, new Error('w'), null, 'APPSTORE_BUSY'].map(isAppstoreError), [
    true,
    true,
    false,
    false,
    false,
  ])
})
