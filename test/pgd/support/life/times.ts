import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { Chapter } from './world.ts'

/** Data of other times than now, and how they differ. */
export const times: readonly Chapter[] = [
  {
    title: 'a branch can have the data of an instant, as far as snapshot and archive reach',
    live: async life => {
      const { snapshot } = await life.pgd('snapshot', 'create', 'shop/main', '--label', 'first')
      const { wal } = await life.pgd('wal', 'info', 'shop/main')
      assert.deepEqual(wal.gaps, [])
      assert.ok(Date.parse(wal.from) <= Date.parse(snapshot.created), 'what is not archived yet is no gap')
      await life.sql('shop/main', 'INSERT INTO item VALUES (2001), (2002)')
      await delay(20)
      const at = new Date().toISOString()
      await delay(20)
      await life.sql('shop/main', 'DELETE FROM item')
      const { branch } = await life.pgd('branch', 'create', 'shop/past', '--at', at)
      assert.equal(branch.dataTime, at)
      assert.equal(await life.rows('shop/past'), 1003)
      assert.equal(await life.rows('shop/main'), 0)
      await life.refused(78, 'PGD_NOT_COVERED', 'branch', 'create', 'shop/no', '--at', life.beginning)
      await life.refused(66, 'PGD_NOT_FOUND', 'branch', 'get', 'shop/no')
      // Each goes on on a timeline of its own, into an archive of its own, and a second one is as right as the first.
      await life.pgd('branch', 'create', 'shop/past2', '--at', at)
      assert.equal(await life.rows('shop/past2'), 1003)
    },
  },
  {
    title: 'what differs is shown: schema and rows',
    live: async life => {
      await life.sql('shop/past', 'CREATE TABLE more (x text)')
      const { diff } = await life.pgd('diff', 'shop/main', 'shop/past')
      assert.match(diff.schema, /^\+CREATE TABLE public\.more/m)
      assert.deepEqual(diff.rows, [
        { table: 'public.item', left: 0, right: 1003 },
        { table: 'public.more', right: 0 },
      ])
    },
  },
  {
    title: 'a snapshot is kept until nothing was made from it, and the newest ones longest',
    live: async life => {
      const { snapshot } = await life.pgd('snapshot', 'create', 'shop/past', '--label', 'kept')
      await life.sql('shop/past', 'TRUNCATE item')
      await life.pgd('branch', 'create', 'shop/kept', '--parent', 'shop/past', '--snapshot', snapshot.id)
      assert.equal(await life.rows('shop/kept'), 1003)
      if (life.world.hasClones) await life.refused(78, 'PGD_HAS_DEPENDENTS', 'snapshot', 'delete', snapshot.id)
      await life.pgd('branch', 'delete', 'shop/kept')
      const later = (await life.pgd('snapshot', 'create', 'shop/past')).snapshot
      await life.pgd('snapshot', 'prune', 'shop/past', '--keep', '1')
      const { snapshots } = await life.pgd('snapshot', 'list', 'shop/past')
      assert.deepEqual(
        snapshots.map(({ id }: { id: string }) => id),
        [later.id],
      )
      await life.pgd('snapshot', 'delete', later.id.slice(0, 8))
      assert.deepEqual((await life.pgd('snapshot', 'list', 'shop/past')).snapshots, [])
    },
  },
]
