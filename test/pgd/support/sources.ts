import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Account, ended } from './account.ts'

/** What a project can be imported from, each with 1000 rows in the table `item`. */
export interface Sources {
  readonly dump: string
  readonly directory: string
  readonly url: string
  /** Ends the server. */
  close(): Promise<void>
}

/** A port of the loopback address that was free. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** Makes them, of the newest PostgreSQL of this machine; the server is one of the person's, and none of pgd's. */
export async function makeSources(person: Account): Promise<Sources> {
  const place = join(person.home, 'sources')
  const version = Math.max(
    ...readdirSync('/usr/lib/postgresql')
      .filter(name => /^\d+$/.test(name))
      .map(Number),
  )
  const bin = (name: string): string => join('/usr/lib/postgresql', String(version), 'bin', name)
  const run = async (...words: readonly string[]): Promise<void> => {
    const { exit, stderr } = await ended(person.start(words))
    if (exit !== 0) throw new Error(`${words.join(' ')}: ${stderr}`)
  }
  const [directory, server, dump] = [join(place, 'directory'), join(place, 'server'), join(place, 'dump.sql')]
  const port = await freePort()
  await run('mkdir', place)
  await run(bin('initdb'), '--no-sync', '-A', 'trust', '-U', 'postgres', '-D', directory)
  const table = 'CREATE TABLE item AS SELECT generate_series(1, 1000) AS id;'
  const filled = `echo '${table}' | ${bin('postgres')} --single -D ${directory} postgres`
  await run('sh', '-c', `${filled} && cp -a ${directory} ${server} && echo '${table}' >${dump}`)
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off']
  const child = person.start([bin('postgres'), '-D', server, ...settings.flatMap(setting => ['-c', setting])])
  child.stderr?.resume()
  for (let tries = 0; ; tries += 1) {
    const { exit } = await ended(person.start(['pg_isready', '-q', '-h', '127.0.0.1', '-p', String(port)]))
    if (exit === 0) break
    if (tries > 200 || child.exitCode !== null) throw new Error('the server to import from does not answer')
    await delay(50)
  }
  return {
    ...{ dump, directory, url: `postgresql://postgres@127.0.0.1:${port}/postgres` },
    close: async () => {
      if (child.pid === undefined || child.exitCode !== null) return
      const gone = once(child, 'exit')
      // The whole group: what became the account may take no signals.
      process.kill(-child.pid, 'SIGQUIT')
      await gone
    },
  }
}
