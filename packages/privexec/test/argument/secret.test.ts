import t from 'tap'
import { secret } from '../../src/argument/secret.ts'
import { oddTexts, problemWith } from '../support/field.ts'

t.test('a secret takes no value and has no spelling', async t => {
  for (const value of ['hunter2', ...oddTexts, undefined, 1]) t.ok(problemWith(secret(), value))
  t.strictSame(secret().spell(undefined as never, { marker: '', stagedFile: '' }), [])
  t.throws(() => secret().read(['hunter2']), /no spelling/)
})
