import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { least, writeFiles } from './catalog.ts'

/** A repository that a test commits to. */
export interface Repository {
  readonly path: string
  readonly url: string
  readonly git: (...args: string[]) => string
  /** Writes files, commits everything; the commit. */
  readonly commit: (files?: Readonly<Record<string, string | Buffer>>) => string
}

/** Makes a repository at a path. */
export function makeRepository(path: string): Repository {
  mkdirSync(path, { recursive: true })
  const env = { PATH: '/usr/bin:/bin', HOME: path, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' }
  const names = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'init.defaultBranch=main']
  const git = (...args: string[]): string =>
    execFileSync('/usr/bin/git', [...names, ...args], {
      cwd: path,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
  git('init', '--quiet')
  const commit = (files: Readonly<Record<string, string | Buffer>> = {}): string => {
    writeFiles(path, files)
    git('add', '--all')
    git('commit', '--quiet', '--allow-empty', '--message', 'change')
    return git('rev-parse', 'HEAD')
  }
  return { path, url: `file://${path}`, git, commit }
}

/** Files of an app for a catalog. */
export const app = (id: string, version = '1.0.0', more = ''): Record<string, string> => ({
  [join('apps', id, 'app.yml')]: least(id, more).replace('version: 1.0.0', `version: "${version}"`),
  [join('apps', id, 'provision/install.py')]: `# ${version}\n`,
})
