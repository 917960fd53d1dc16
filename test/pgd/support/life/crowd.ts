import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { ended } from '../account.ts'
import type { Chapter } from './world.ts'

/** Many branches at once, branches that go by themselves, and what was interrupted. */
export const crowd: readonly Chapter[] = [
  {
    title: 'many branches at once all connect, and of one name twice exactly one wins',
    live: async life => {
      const { account, crowd: count } = life.world
      const names = Array.from({ length: count }, (_, index) => `shop/n${index}`)
      const make = (name: string) => account.pgd('branch', 'create', name, '--parent', 'shop/child')
      const ends = await Promise.all([...names, 'shop/same', 'shop/same'].map(make))
      const failed = ends.slice(0, count).filter(({ exit }) => exit !== 0)
      assert.deepEqual(failed, [])
      // The other finds the name taken, or on a slow machine has waited in vain for whoever takes it.
      const [won, lost] = ends
        .slice(count)
        .map(({ exit }) => exit ?? -1)
        .sort((a, b) => a - b)
      assert.equal(won, 0)
      assert.ok(lost === 73 || lost === 75, String(lost))
      const { branches } = await life.pgd('branch', 'list', 'shop')
      const ports = branches.map(({ port }: { port: number }) => port)
      assert.equal(new Set(ports).size, ports.length)
      assert.equal(ports.length, count + 5)
      for (const name of [...names, 'shop/same']) assert.equal(await life.rows(name), 10, name)
      await Promise.all([...names, 'shop/same'].map(name => life.pgd('branch', 'delete', name)))
    },
  },
  {
    title: 'a branch for one program is gone afterwards, and the exit status is that of the program',
    live: async life => {
      const script = 'psql "$DATABASE_URL" -XAtc "SELECT count(*) FROM item"; exit 9'
      const options = ['--ephemeral', '--parent', 'shop/child']
      const { exit, stdout } = await life.world.account.pgd('run', 'shop/test', ...options, '--', 'sh', '-c', script)
      assert.deepEqual([exit, stdout.trim()], [9, '10'])
      await life.refused(66, 'PGD_NOT_FOUND', 'branch', 'get', 'shop/test')
    },
  },
  {
    title: 'what has had its time is collected, but for what is protected',
    live: async life => {
      for (const name of ['stays', 'goes']) {
        await life.pgd('branch', 'create', `shop/${name}`, '--ttl', '1s', '--parent', 'shop/child')
      }
      await life.pgd('branch', 'protect', 'shop/stays')
      await delay(1100)
      assert.partialDeepStrictEqual((await life.pgd('gc', '--dry-run')).done, [{ subject: 'shop/goes', done: false }])
      assert.partialDeepStrictEqual((await life.pgd('gc')).done, [{ subject: 'shop/goes', done: true }])
      await life.refused(66, 'PGD_NOT_FOUND', 'branch', 'get', 'shop/goes')
      await life.pgd('branch', 'protect', 'shop/stays', '--off')
      await life.pgd('branch', 'delete', 'shop/stays')
    },
  },
  {
    title: 'what a kill interrupted is repaired by one command, and a server that died is started again',
    live: async life => {
      const began = performance.now()
      await life.pgd('branch', 'create', 'shop/whole', '--parent', 'shop/child')
      const child = life.world.account.startPgd(['branch', 'create', 'shop/half', '--parent', 'shop/child'])
      const end = ended(child)
      await delay((performance.now() - began) * 0.7)
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
      await end
      // The server ends its own first process, and with it itself.
      const kill = `COPY (SELECT 1) TO PROGRAM 'kill -9 $(head -n 1 postmaster.pid)'`
      await life.world.account.run('psql', '-Xc', kill, await life.url('shop/whole'))
      await life.pgd('repair')
      assert.equal(await life.rows('shop/whole'), 10)
      const { branches } = await life.pgd('branch', 'list', 'shop')
      for (const { name, state } of branches) assert.equal(state, 'running', name)
      assert.deepEqual((await life.pgd('repair')).done, [])
    },
  },
  {
    title: 'nothing but password, url, connect and run tells a secret',
    isGeneral: true,
    live: async life => {
      const { password } = await life.pgd('password', 'shop/child')
      assert.ok(password.length >= 20)
      for (const words of [['status'], ['branch', 'get', 'shop/child'], ['branch', 'list']]) {
        assert.ok(!JSON.stringify(await life.pgd(...words)).includes(password), words.join(' '))
      }
      const seen = 'cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr "\\0" "\\n"'
      assert.ok(!(await life.world.account.run('sh', '-c', seen)).stdout.includes(password))
    },
  },
]
