import { Pgd } from '@broker/pgd'
import { Client } from 'pg'

// Once, before the tests: a project whose main has the schema, and the data that all tests begin with.
const pgd = await Pgd.open()
await pgd.projects.create('tests', { ifNotExists: true })
await pgd.gc()
const client = new Client((await pgd.branches.connection('tests/main')).url)
await client.connect()
await client.query(
  'CREATE TABLE IF NOT EXISTS account (name text PRIMARY KEY, cents integer NOT NULL CHECK (cents >= 0))',
)
await client.query("INSERT INTO account VALUES ('ann', 1000), ('bob', 0) ON CONFLICT DO NOTHING")
await client.end()
