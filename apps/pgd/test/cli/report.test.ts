import t from 'tap'
import { report } from '../../src/cli/report.ts'
import { answers } from '../../src/cli/schema.ts'
import { PgdError } from '../../src/errors/error.ts'
import { written } from './support.ts'

const failed = new PgdError('PGD_PROGRAM_FAILED', 'zfs failed', {
  ...{ program: 'zfs', exitCode: 2, stderr: 'its words', cause: new Error('inner') },
})

t.test('an error for people has message, advice and code, on standard error alone', async s => {
  const { value, stdout, stderr } = await written(() => report(failed, false))
  s.equal(value, 70)
  s.equal(stdout, '')
  s.equal(stderr, 'pgd: zfs failed\n  The message ends with its own words. (PGD_PROGRAM_FAILED)\n')
})

t.test('an error for programs is one line of JSON that its schema knows, with what the program left', async s => {
  const { value, stdout, stderr } = await written(() => report(failed, true))
  s.equal(value, 70)
  s.equal(stdout, '')
  s.match(stderr, /^[^\n]+\n$/)
  const answer = JSON.parse(stderr)
  s.equal(answers.error.safeParse(answer).error, undefined)
  s.strictSame(answer.error, {
    ...{ code: 'PGD_PROGRAM_FAILED', message: 'zfs failed', hint: 'The message ends with its own words', exit: 70 },
    ...{ program: 'zfs', exitCode: 2, stderr: 'its words' },
  })
})

t.test('a field is named, and what is not known is left out', async s => {
  const { value, stderr } = await written(() => report(new PgdError('PGD_USAGE', 'no', { field: 'yes' }), true))
  s.equal(value, 64)
  s.strictSame(Object.keys(JSON.parse(stderr).error), ['code', 'message', 'hint', 'exit', 'field'])
})

t.test('what is no error of pgd is a fault of it, whatever was thrown', async s => {
  for (const thrown of [new TypeError('x is not a function'), 'a text', undefined]) {
    const json = await written(() => report(thrown, true))
    s.equal(json.value, 70)
    const answer = JSON.parse(json.stderr)
    s.equal(answers.error.safeParse(answer).error, undefined)
    s.equal(answer.error.code, 'INTERNAL')
    const text = await written(() => report(thrown, false))
    s.match(text.stderr, /^pgd: .*\n(.*\n)* {2}This is a fault of pgd/)
  }
})
