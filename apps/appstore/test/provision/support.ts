import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { finished } from 'node:stream/promises'
import type { Test } from 'tap'
import type { ProvisionApp } from '../../src/provision/app.ts'
import type { ExecOptions, ExecResult, GuestDoor } from '../../src/provision/door.ts'

/** A directory of a test's own. */
export function folderOf(t: Test): string {
  const folder = mkdtempSync('/var/tmp/provision-')
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** An app whose folder has these files. */
export function appWith(
  folder: string,
  files: Readonly<Record<string, string>>,
  more: Partial<ProvisionApp> = {},
): ProvisionApp {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
    chmodSync(join(folder, name), 0o644)
  }
  const none = { packages: [], pip: [], urls: [], paths: [], services: [], users: [], commands: [] }
  return {
    id: 'notes',
    folder,
    script: 'install.py',
    permissions: { ...none, installerScripts: [], aptRepos: [] },
    env: {},
    secrets: [],
    secretVariables: [],
    timeout: 60,
    ...more,
  }
}

/** An app of one script; `body` is that of its class. */
export const scriptOf = (body: string): Record<string, string> => ({
  'provision/install.py': `import os\nfrom appstore import BaseApp, run\n\nclass App(BaseApp):\n${body}\n\nrun(App)\n`,
})

/** What a guest on this machine cannot do here, in one line; false where it can. */
export const noLocalGuest = ((): string | false => {
  const tried = spawnSync('unshare', ['--mount', 'sh', '-c', 'mount -t tmpfs none /opt && python3 -c pass'])
  return tried.status === 0 ? false : 'needs root that may mount, and Python'
})()

/** A way into "a guest" that is this machine, with an /opt of its own. `calls` has what was run and pushed. */
export function localGuest(folder: string): GuestDoor & { readonly calls: string[] } {
  const calls: string[] = []
  mkdirSync(join(folder, 'opt'))
  return {
    calls,
    exec: async (argv, options = {}) => {
      calls.push(argv.join(' '))
      return run(
        ['unshare', '--mount', 'sh', '-c', 'mount --bind "$0/opt" /opt && exec "$@"', folder, ...argv],
        options,
      )
    },
    push: async (content, path, { perms }) => {
      calls.push(`push ${path}`)
      writeFileSync(join(folder, path), content, { mode: Number.parseInt(perms, 8) })
    },
  }
}

async function run(argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
  const [file = '', ...args] = argv
  const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' }
  const child = spawn(file, args, { env, cwd: '/' })
  options.signal?.addEventListener('abort', () => child.kill('SIGKILL'), { once: true })
  const texts = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => {
    if (options.onStdout !== undefined) options.onStdout(chunk)
    else texts.stdout += chunk
  })
  child.stderr.on('data', (chunk: Buffer) => {
    texts.stderr += chunk
  })
  child.stdin.on('error', () => {})
  child.stdin.end(options.stdin as string | undefined)
  const [code] = (await once(child, 'exit')) as [number | null]
  await Promise.all([finished(child.stdout), finished(child.stderr)].map(one => one.catch(() => {})))
  return { exitCode: code ?? 137, ...texts }
}

/** A guest that answers as it is told: the bootstrap, then lines of output and an exit status for the runner. */
export function pretendedGuest(lines: readonly string[], exitCode = 0): GuestDoor {
  return {
    exec: async (argv, options = {}) => {
      if (argv[0] !== 'python3') return { exitCode: 0, stdout: 'appstore: absent\n', stderr: '' }
      for (const line of lines) await options.onStdout?.(Buffer.from(`${line}\n`))
      return { exitCode, stdout: '', stderr: '' }
    },
    push: async () => {},
  }
}

/** A line as the runner sends it. */
export const event = (fields: Readonly<Record<string, unknown>>): string => `@appstore ${JSON.stringify(fields)}`
