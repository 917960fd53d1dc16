import assert from 'node:assert/strict'
import { after, afterEach, beforeEach, test } from 'node:test'
import { Client } from 'pg'
import { ownBranch } from './own-branch.ts'

// Another file is another worker, with another branch: it may delete what the first one needs.
const branch = await ownBranch('tests')
let client: Client
beforeEach(async () => {
  client = new Client(branch.url)
  await client.connect()
})
// A reset ends the server, and with it its sessions.
afterEach(() => client.end())
after(() => branch.close())

const count = async (): Promise<number> => (await client.query('SELECT count(*)::integer AS n FROM account')).rows[0].n

test('all accounts can be closed', async () => {
  await client.query('DELETE FROM account')
  assert.equal(await count(), 0)
  await client.end()
  await branch.reset()
})

test('the next test finds them again', async () => {
  assert.equal(await count(), 2)
})
