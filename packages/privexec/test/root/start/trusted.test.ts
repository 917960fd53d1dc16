import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { chmod, chown, link, mkdir, rename, symlink, truncate, writeFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { readTrusted } from '../../../src/root/start/trusted.ts'
import { trustedDirectory } from '../../support/trusted-directory.ts'

const options = process.getuid?.() === 0 ? {} : { skip: 'only root can make files of others' }
const unreadable = (message: RegExp) => ({ code: 'PRIVEXEC_POLICY_UNREADABLE', message })

/** A file of root's in two directories of root's. */
async function tree(s: Test): Promise<{ readonly above: string; readonly directory: string; readonly file: string }> {
  const above = trustedDirectory(s)
  const directory = `${above}/policies`
  await mkdir(directory)
  await writeFile(`${directory}/name.json`, 'text')
  for (const path of [above, directory]) await chmod(path, 0o755)
  await chmod(`${directory}/name.json`, 0o644)
  return { above, directory, file: `${directory}/name.json` }
}

t.test('what only root can have written is read', options, async s => {
  const { file, directory } = await tree(s)
  s.equal(String(await readTrusted(file)), 'text')
  await chmod(file, 0o400)
  await chmod(directory, 0o700)
  s.equal(String(await readTrusted(file)), 'text')
})

t.test('a file or a directory above it that others may write, or that is not root’s, is refused', options, async s => {
  for (const part of ['file', 'directory', 'above'] as const) {
    for (const mode of [0o775, 0o757, 0o777, 0o1777]) {
      const at = await tree(s)
      await chmod(at[part], mode)
      await s.rejects(readTrusted(at.file), unreadable(/may be written by others/), `${part} ${mode.toString(8)}`)
    }
    const at = await tree(s)
    await chown(at[part], 1000, 0)
    await s.rejects(readTrusted(at.file), unreadable(/belongs to the account 1000/), part)
    await chown(at[part], 0, 1000)
    await chmod(at[part], part === 'file' ? 0o644 : 0o755)
    s.ok(await readTrusted(at.file), 'the group does not matter while it may not write')
  }
})

t.test('an access control list shows as a group that may write', options, async s => {
  const { file } = await tree(s)
  try {
    execFileSync('setfacl', ['-m', 'u:1000:rw', file], { stdio: 'ignore' })
  } catch {
    return s.comment('no setfacl, or a file system without lists')
  }
  await s.rejects(readTrusted(file), unreadable(/may be written by others/))
})

t.test('a link is refused, in the place of the file and of every directory', options, async s => {
  const at = await tree(s)
  await rename(at.file, `${at.directory}/other.json`)
  await symlink('other.json', at.file)
  await s.rejects(readTrusted(at.file), unreadable(/cannot be opened/))
  await rename(at.directory, `${at.above}/real`)
  await symlink('real', at.directory)
  await s.rejects(readTrusted(`${at.directory}/other.json`), unreadable(/is not a directory/))
})

t.test('what is no regular file is refused, and none is waited for', options, async s => {
  const { file, directory } = await tree(s)
  execFileSync('mkfifo', [`${directory}/pipe`])
  await mkdir(`${directory}/inner`)
  await s.rejects(readTrusted(`${directory}/pipe`), unreadable(/is not a regular file/))
  await s.rejects(readTrusted(`${directory}/inner`), unreadable(/is not a regular file/))
  await s.rejects(readTrusted(`${file}/x`), unreadable(/is not a directory/))
  await s.rejects(readTrusted('/dev/null'), unreadable(/is not a regular file|may be written/))
  await s.rejects(readTrusted(`${directory}/absent`), unreadable(/cannot be opened/))
  await s.rejects(readTrusted(`${directory}/absent/x`), unreadable(/cannot be reached/))
})

t.test('a second name of a file of another account is that account’s file', options, async s => {
  const { above, directory } = await tree(s)
  await writeFile(`${above}/theirs`, 'text')
  await chown(`${above}/theirs`, 1000, 1000)
  await link(`${above}/theirs`, `${directory}/linked.json`)
  await s.rejects(readTrusted(`${directory}/linked.json`), unreadable(/belongs to the account 1000/))
})

t.test('a mebibyte is read and a byte more is not', options, async s => {
  const { file } = await tree(s)
  await truncate(file, 1_048_576)
  s.equal((await readTrusted(file)).length, 1_048_576)
  await truncate(file, 1_048_577)
  await s.rejects(readTrusted(file), unreadable(/more than 1048576 bytes/))
})

t.test(
  'no descriptor stays open, whether a file was trusted or not, and the cause of a refusal is kept',
  options,
  async s => {
    const { file, directory } = await tree(s)
    await mkdir(`${directory}/inner`)
    const descriptors = () => readdirSync('/proc/self/fd').length
    const before = descriptors()
    for (let turn = 0; turn < 5; turn++) {
      await readTrusted(file)
      await readTrusted(`${directory}/inner`).catch(() => {})
    }
    s.ok(descriptors() <= before)
    await s.rejects(readTrusted(`${directory}/absent`), { cause: { code: 'ENOENT' } })
  },
)
