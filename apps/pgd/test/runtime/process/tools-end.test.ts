import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { findPrograms } from '../../../src/runtime/process/programs.ts'
import { endToolsIn } from '../../../src/runtime/process/tools-end.ts'

const [programs] = await findPrograms()
const skip = programs === undefined && 'needs the programs of PostgreSQL: apt-get install postgresql'

t.test('programs of PostgreSQL that work in a volume are ended, and no others', { skip }, async t => {
  const folder = t.testdir({ volume: { data: {} }, volume2: {} })
  const volume = join(folder, 'volume')
  const start = async (program: string, cwd: string) => {
    const child = spawn(program, program === 'cat' ? [] : ['-f', '/dev/null'], {
      cwd,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    await once(child, 'spawn')
    return child
  }
  // Reads its input, which does not come.
  const restore = join(programs?.bin ?? '', 'pg_restore')
  const tools = [await start(restore, volume), await start(restore, join(volume, 'data'))]
  const others = [await start(restore, join(folder, 'volume2')), await start('cat', volume)]
  const ends = tools.map(child => once(child, 'exit'))
  const [bin, linked] = [join(folder, 'bin'), join(folder, 'linked')]
  mkdirSync(bin)
  symlinkSync(join(programs?.bin ?? '', 'postgres'), join(bin, 'postgres'))
  symlinkSync(volume, linked)
  await endToolsIn(linked, [{ bin, version: 0 }])
  t.same(await Promise.all(ends), [
    [null, 'SIGKILL'],
    [null, 'SIGKILL'],
  ])
  t.same(
    others.map(child => child.exitCode ?? child.signalCode),
    [null, null],
  )
  for (const child of others) child.kill('SIGKILL')
  await endToolsIn(join(folder, 'nowhere'), [])
})
