import { existsSync, lstatSync, mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { embeddedPrograms } from '../../../src/runtime/process/embedded.ts'

const [brought] = await embeddedPrograms({ XDG_DATA_HOME: '/nowhere' })
const skip = brought === undefined && 'npm has no PostgreSQL for this kind of machine, or it was left out'

t.test('what npm brought is kept with its links, and without what compilers need', { skip }, async s => {
  const data = s.testdir({ pgd: { postgresql: {} } })
  const place = join(data, 'pgd/postgresql')
  // The one of a process that is gone, the other of one that still copies.
  const [dead, living] = [`new.4194304.${'0'.repeat(12)}`, `new.${process.pid}.${'0'.repeat(12)}`]
  for (const name of [dead, living]) mkdirSync(join(place, name))
  const env = { XDG_DATA_HOME: data }
  const all = await Promise.all([embeddedPrograms(env), embeddedPrograms(env)])
  await Promise.all(all.map(([first]) => first?.keep?.()))
  const [kept, ...others] = await embeddedPrograms(env)
  s.strictSame(others, [])
  s.equal(kept?.keep, undefined)
  const root = join(kept?.bin ?? '', '..')
  s.strictSame(readdirSync(place).sort(), [root.slice(place.length + 1), living].sort())
  s.ok(lstatSync(join(root, 'bin/postgres')).mode & 0o100)
  const library = readdirSync(join(root, 'lib'))
  s.notOk(library.some(name => name.endsWith('.a') || name === 'pkgconfig'))
  const link = library.find(name => /^libicuuc\.so\.\d+$/.test(name)) ?? ''
  s.match(readlinkSync(join(root, 'lib', link)), /^libicuuc\.so\.\d+\.\d+$/)
  s.ok(existsSync(join(root, 'lib', link)), 'it leads to the library')
})

t.test('what was kept is found without the package, the newest first, and nothing else', async s => {
  const data = s.testdir({ pgd: { postgresql: { '17.9.0-beta.1': {}, '17.10.0-beta.1': {}, '9.6': {}, '..x': {} } } })
  writeFileSync(join(data, 'pgd/postgresql/18'), '')
  const all = await embeddedPrograms({ XDG_DATA_HOME: data })
  const kept = all.filter(({ keep }) => keep === undefined)
  s.strictSame(kept, [
    { version: 17, bin: join(data, 'pgd/postgresql/17.10.0-beta.1/bin') },
    { version: 17, bin: join(data, 'pgd/postgresql/17.9.0-beta.1/bin') },
  ])
})
