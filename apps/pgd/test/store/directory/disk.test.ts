import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const needsRoot = process.getuid?.() !== 0 && 'mounting a file system needs root'
const program = (name: string): string => new URL(`support/${name}.ts`, import.meta.url).pathname

/** Runs a program on a file system of its own; the mount namespace ends with the process, and the mount with it. */
function runOn(mount: string, argv: readonly string[]): string {
  const script = `${mount} && exec "$2" --conditions=@broker/source "$3" "$1"`
  const env = { PATH: `${process.env.PATH}:/usr/sbin:/sbin` }
  return execFileSync('unshare', ['-m', 'sh', '-c', script, 'sh', ...argv], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

t.test(
  'a full disk makes calls fail, leaves nothing of them, and what is there as it was',
  { skip: needsRoot },
  async t => {
    const folder = t.testdir({})
    const output = runOn('mount -t tmpfs -o size=8m,mode=0755 tmpfs "$1"', [
      folder,
      process.execPath,
      program('full-disk'),
    ])
    t.same(JSON.parse(output), {
      copy: 'PGD_NO_SPACE',
      snapshot: 'PGD_NO_SPACE',
      isTight: true,
      create: 'PGD_NO_SPACE',
      change: 'PGD_NO_SPACE',
      state: 'creating',
      after: 'made',
      rest: ['shop/.pgd'],
    })
  },
)

for (const kind of ['btrfs', 'xfs']) {
  const maker = ['/usr/sbin', '/sbin', ...(process.env.PATH ?? '').split(':')]
    .map(directory => join(directory, `mkfs.${kind}`))
    .find(path => existsSync(path))
  const skip = needsRoot || (maker === undefined && `mkfs.${kind} is not installed`)
  t.test(`copies share their blocks on ${kind}`, { skip }, async t => {
    const folder = t.testdir({ mount: {} })
    const mount = `truncate -s 400M ${folder}/image && ${maker} -q ${folder}/image >&2 && mount -o loop ${folder}/image "$1"`
    const output = runOn(mount, [join(folder, 'mount'), process.execPath, program('shared-blocks')])
    const { taken, ...rest } = JSON.parse(output)
    t.ok(taken < 4 * 2 ** 20, `${taken} bytes for a copy of 32 MiB`)
    t.same(rest, { isSame: true, isOwn: true })
  })
}
