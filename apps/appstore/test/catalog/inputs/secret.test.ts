import { inspect } from 'node:util'
import t from 'tap'
import { Secret } from '../../../src/catalog/inputs/secret.ts'

t.test('a secret shows itself nowhere but where it is asked to', async t => {
  const secret = new Secret('canary')
  t.equal(secret.reveal(), 'canary')
  const shown = [
    `${secret}`,
    String(secret),
    [secret].join(),
    JSON.stringify({ secret }),
    inspect(secret),
    inspect({ a: [secret] }),
    JSON.stringify([secret]),
    inspect(secret, { showHidden: true }),
    JSON.stringify(Object.entries(secret)),
  ]
  for (const text of shown) t.notMatch(text, /canary/)
  t.equal(JSON.stringify({ secret }), '{"secret":"***"}')
  t.same(Object.keys(secret), [])
  t.same({ ...secret }, {})
})
