import assert from 'node:assert/strict'
import { dirname } from 'node:path'
import { makeSources } from '../sources.ts'
import type { Chapter } from './world.ts'

/** Projects from elsewhere, and the end of all. */
export const ends: readonly Chapter[] = [
  {
    title: 'a project begins with the data of a server, a dump or a directory',
    isGeneral: true,
    live: async life => {
      const { account, version = [] } = life.world
      const { url, dump, directory, close } = await makeSources(account)
      try {
        for (const [name, ...from] of [
          ['server', '--from-server', url],
          ['dump', '--from-dump', dump],
          ['directory', '--from-directory', directory],
        ] as const) {
          await life.pgd('import', name, ...from, ...version)
          assert.equal(await life.rows(`${name}/main`), 1000, name)
          await life.pgd('project', 'delete', name)
        }
      } finally {
        await close()
        await account.run('rm', '-r', dirname(directory))
      }
    },
  },
  {
    title: 'a project goes with all of its branches, and nothing is left',
    live: async life => {
      await life.pgd('project', 'delete', 'shop')
      assert.partialDeepStrictEqual((await life.pgd('status')).status, { projects: 0, branches: 0, foreign: [] })
      assert.deepEqual(life.world.traces(), [])
    },
  },
]
