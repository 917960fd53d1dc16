import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Client } from 'pg'
import { ownBranch } from './own-branch.ts'

const branch = await ownBranch('tests')
const client = new Client(branch.url)
await client.connect()
after(async () => {
  await client.end()
  await branch.close()
})

const balance = async (name: string): Promise<number> =>
  (await client.query('SELECT cents FROM account WHERE name = $1', [name])).rows[0].cents

test('money is moved, and committed', async () => {
  await client.query("UPDATE account SET cents = cents - 300 WHERE name = 'ann'")
  await client.query("UPDATE account SET cents = cents + 300 WHERE name = 'bob'")
  assert.deepEqual([await balance('ann'), await balance('bob')], [700, 300])
})

test('nobody owes', async () => {
  await assert.rejects(client.query("UPDATE account SET cents = cents - 5000 WHERE name = 'ann'"), { code: '23514' })
})
