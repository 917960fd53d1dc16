import { chmod, mkdir, symlink } from 'node:fs/promises'
import t from 'tap'
import { stagingProblems } from '../../src/staging/check.ts'
import { stage } from '../../src/staging/stage.ts'

t.test('a staging directory below one that others may write is unsafe', async t => {
  const directory = t.testdir({ drop: {} })
  await chmod(directory, 0o777)
  await chmod(`${directory}/drop`, 0o1777)
  const problems = await stagingProblems(`${directory}/drop`)
  t.ok(problems.includes(`${directory} may be written by others than root`))
})

t.test('a link in the place of the directory is unsafe', async t => {
  const directory = t.testdir({})
  await symlink('/etc', `${directory}/drop`)
  t.ok((await stagingProblems(`${directory}/drop`)).includes(`${directory}/drop is not a directory`))
})

t.test('a directory without the sticky bit is unsafe', async t => {
  const directory = t.testdir({})
  await mkdir(`${directory}/drop`)
  await chmod(`${directory}/drop`, 0o777)
  t.ok((await stagingProblems(`${directory}/drop`)).includes(`${directory}/drop must have mode 1777`))
})

t.test('nothing is staged in an unsafe directory', async t => {
  const directory = t.testdir({})
  await t.rejects(stage(`${directory}/absent/name`, Buffer.from('x')), {
    code: 'PRIVEXEC_STAGING_UNSAFE',
    isUnavailable: true,
  })
})
