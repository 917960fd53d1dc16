import { createRequire } from 'node:module'

// query.ts STATEMENT: asks the server of DATABASE_URL as a program of a user's does, and prints the first value.
const { Client } = createRequire(new URL('../../../apps/pgd/package.json', import.meta.url))('pg')
const client = new Client({ connectionString: process.env.DATABASE_URL })
await client.connect()
const { rows } = await client.query({ text: process.argv[2], rowMode: 'array' })
console.log(String(rows[0]?.[0]))
await client.end()
