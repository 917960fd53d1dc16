import assert from 'node:assert/strict'
import type { Chapter } from './world.ts'

/** A project, its branches, and what becomes of one of them. */
export const branches: readonly Chapter[] = [
  {
    title: 'a project begins with an empty database that answers over TLS',
    live: async life => {
      const { runtime, version = [] } = life.world
      const { project } = await life.pgd('project', 'create', 'shop', ...version)
      assert.partialDeepStrictEqual(project, { name: 'shop', runtime, branches: 1, running: 1 })
      assert.equal(await life.sql('shop/main', 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'), 't')
      await life.sql('shop/main', 'CREATE TABLE item AS SELECT generate_series(1, 1000) AS id')
      life.beginning = new Date().toISOString()
      await life.refused(73, 'PGD_EXISTS', 'project', 'create', 'shop')
    },
  },
  {
    title: 'a branch has the data of its parent, and changes of either are not seen by the other',
    live: async life => {
      await life.pgd('branch', 'create', 'shop/dev')
      await life.sql('shop/dev', 'DELETE FROM item WHERE id > 10')
      await life.sql('shop/main', 'INSERT INTO item VALUES (1001)')
      assert.equal(await life.rows('shop/dev'), 10)
      assert.equal(await life.rows('shop/main'), 1001)
      assert.equal(await life.world.account.sql('shop/dev', 'SELECT count(*) FROM item'), '10', 'by pgd connect')
    },
  },
  {
    title: 'a name that is taken is refused, or left as it is when that was asked for',
    live: async life => {
      await life.refused(73, 'PGD_EXISTS', 'branch', 'create', 'shop/dev')
      await life.pgd('branch', 'create', 'shop/dev', '--if-not-exists')
      assert.equal(await life.rows('shop/dev'), 10)
    },
  },
  {
    title: 'a reset keeps port and password, and can be taken back; what is protected has none',
    live: async life => {
      await life.pgd('branch', 'protect', 'shop/dev')
      await life.refused(78, 'PGD_PROTECTED', 'branch', 'reset', 'shop/dev')
      await life.pgd('branch', 'protect', 'shop/dev', '--off')
      const { branch } = await life.pgd('branch', 'reset', 'shop/dev')
      assert.equal(branch.generation, 2)
      // With the URL from before.
      assert.equal(await life.rows('shop/dev'), 1001)
      await life.pgd('branch', 'reset', 'shop/dev', '--undo')
      assert.equal(await life.rows('shop/dev'), 10)
    },
  },
  {
    title: 'a branch keeps its port over stop, start, restart and another name, and short ids do',
    live: async life => {
      const { id, port } = (await life.pgd('branch', 'get', 'shop/dev')).branch
      const is = async (expected: object, ...args: readonly string[]) =>
        assert.partialDeepStrictEqual((await life.pgd(...args)).branch, { id, port, ...expected })
      await is({ state: 'stopped' }, 'branch', 'stop', id.slice(0, 6))
      await life.refused(78, 'PGD_NOT_RUNNING', 'diff', 'shop/main', 'shop/dev')
      await is({ state: 'running' }, 'branch', 'start', 'shop/dev')
      await is({ name: 'shop/next', state: 'running' }, 'branch', 'rename', 'shop/dev', 'next')
      await is({ state: 'running' }, 'branch', 'restart', 'shop/next')
      assert.equal(await life.rows('shop/next'), 10)
    },
  },
  {
    title: 'a new password replaces the old one',
    live: async life => {
      const old = await life.url('shop/next')
      await life.pgd('password', 'shop/next', '--rotate')
      assert.notEqual((await life.world.account.run('psql', '-Xc', 'SELECT 1', old)).exit, 0)
      life.forget('shop/next')
      assert.equal(await life.rows('shop/next'), 10)
    },
  },
  {
    title: 'what others were made from is not deleted, but a promoted branch needs it no more',
    live: async life => {
      await life.pgd('branch', 'create', 'shop/child', '--parent', 'shop/next')
      await life.refused(78, 'PGD_HAS_DEPENDENTS', 'branch', 'delete', 'shop/next')
      await life.refused(78, 'PGD_PROTECTED', 'branch', 'delete', 'shop/main')
      await life.pgd('branch', 'promote', 'shop/child')
      await life.pgd('branch', 'delete', 'shop/next')
      assert.equal(await life.rows('shop/child'), 10)
      await life.refused(66, 'PGD_NOT_FOUND', 'branch', 'get', 'shop/next')
    },
  },
]
