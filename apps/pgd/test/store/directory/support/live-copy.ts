// A process that is not root and has a directory of its own, <folder>: copies a server's files while it writes, and
// prints what is in the copy. PostgreSQL's programs are in <programs>.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { copying } from '../../../../src/postgres/backup.ts'
import { connect, type Session } from '../../../../src/postgres/connect.ts'
import type { Volume } from '../../../../src/store/store.ts'
import { newStoreAt, snapshotFacts, volumeFacts, volumeName } from './store.ts'

const [folder = '', programs = ''] = process.argv.slice(2)
const store = await newStoreAt(join(folder, 'databases'))
const main = await store.createVolume(volumeName('main'), volumeFacts())
for (const name of ['run', 'wal']) mkdirSync(join(main.path, name), { mode: 0o700 })
// Segments of 1 MiB, and little WAL that is kept, so that some are archived and written again while the copy goes on.
const data = ['-D', join(main.path, 'data'), '-U', 'postgres', '--auth=trust', '-N', '-k', '--wal-segsize=1']
execFileSync(join(programs, 'initdb'), data, { stdio: 'ignore' })

/** Starts a server on a volume; gives back a way to connect to it, and to end it. */
async function serve(volume: Volume): Promise<{ session(): Promise<Session>; stop(): Promise<void> }> {
  const archive = join(volume.path, 'wal')
  const settings = {
    listen_addresses: '',
    unix_socket_directories: '../run',
    archive_mode: 'on',
    archive_command: `cp %p ${archive}/%f.new && mv ${archive}/%f.new ${archive}/%f`,
    min_wal_size: '2MB',
    max_wal_size: '2MB',
    fsync: 'off',
  }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const log = openSync(join(volume.path, 'server.log'), 'a')
  const argv = ['-D', join(volume.path, 'data'), ...options]
  const child = spawn(join(programs, 'postgres'), argv, { stdio: ['ignore', log, log] })
  closeSync(log)
  const closed = once(child, 'close')
  const session = async (): Promise<Session> => {
    for (;;) {
      try {
        return await connect({ run: join(volume.path, 'run') })
      } catch (error) {
        if (child.exitCode !== null) throw error
        await delay(20)
      }
    }
  }
  return {
    session,
    stop: async () => {
      child.kill('SIGINT')
      await closed
    },
  }
}

const server = await serve(main)
const [writer, keeper] = [await server.session(), await server.session()]
await writer.query('CREATE TABLE row (number int PRIMARY KEY, text text)')
let written = 0
let isOver = false
const insert = `INSERT INTO row SELECT n, repeat(md5(n::text), 10) FROM generate_series($1::int + 1, $1::int + 200) AS n`
const writing = (async () => {
  while (!isOver) {
    await writer.query(insert, [written])
    written += 200
    if (written % 4000 === 0) await writer.query('CHECKPOINT')
  }
})()
while (written < 10_000) await delay(10)
const before = written
const { volume } = await store.copyVolume(main, snapshotFacts(), volumeName('dev'), volumeFacts(), async copy => {
  const end = await copying(keeper)(copy)
  // More is written until the segments of the copy are gone from where they were.
  const enough = written + 10_000
  while (written < enough) await delay(10)
  return end
})
isOver = true
await writing
await Promise.all([writer.end(), keeper.end()])
await server.stop()

const copy = await serve(volume)
const reader = await copy.session()
const [row] = await reader.query<{ count: number; last: number; wrong: number }>(
  `SELECT count(*)::int AS count, max(number) AS last,
     count(*) FILTER (WHERE text <> repeat(md5(number::text), 10))::int AS wrong FROM row`,
)
await reader.query('INSERT INTO row VALUES (0)')
await reader.end()
await copy.stop()
const { count = 0, last = 0, wrong } = row ?? {}
console.log(
  JSON.stringify({ isWhole: count === last && count >= before && count < written, wrong, count, before, written }),
)
