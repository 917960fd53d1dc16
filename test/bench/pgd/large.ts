import { connect } from '../../../apps/pgd/src/postgres/connect.ts'
import { layoutBelow } from '../../../apps/pgd/src/serve/layout.ts'
import type { OpenPlace } from './place.ts'

/** Puts a table of 1 GB and 25,000 small tables into the first branch of a place; takes minutes. */
export async function grow({ volume }: OpenPlace): Promise<void> {
  const session = await connect({ run: layoutBelow(volume).run, statementTimeout: 0 })
  await session.query(
    'CREATE TABLE large AS SELECT i, repeat(md5(i::text), 30) AS text FROM generate_series(1, 1050000) i',
  )
  // A transaction has locks for a few thousand tables.
  for (let first = 1; first <= 25_000; first += 1000) {
    await session.query(
      `DO $$ BEGIN FOR i IN ${first}..${first + 999} LOOP EXECUTE 'CREATE TABLE small_' || i || ' (id int PRIMARY KEY)'; END LOOP; END $$`,
    )
  }
  await session.query('CHECKPOINT')
  await session.end()
}
