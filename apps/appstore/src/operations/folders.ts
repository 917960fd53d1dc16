import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { InstallId } from '../model/id.ts'

/**
 * The apps of installs as they were when they were installed: what configures or checks an app later is its own version,
 * whatever the catalog has by then. Below `installs/INSTALL/APP` of the state directory.
 */
export class AppFolders {
  readonly #root: string

  constructor(stateDirectory: string) {
    this.#root = join(stateDirectory, 'installs')
  }

  /** Folder of an app in use; `next` is the version that an upgrade brings. */
  of(install: InstallId, app: string, version: 'current' | 'next' = 'current'): string {
    return join(this.#root, install, version === 'next' ? `${app}.next` : app)
  }

  /** Copies an app, whole or not at all; a copy that is there already is kept. */
  take(source: string, install: InstallId, app: string, version: 'current' | 'next' = 'current'): void {
    const target = this.of(install, app, version)
    if (existsSync(target)) return
    const draft = `${target}.draft`
    rmSync(draft, { recursive: true, force: true })
    mkdirSync(join(this.#root, install), { recursive: true, mode: 0o700 })
    cpSync(source, draft, { recursive: true, dereference: false, errorOnExist: true, force: false })
    renameSync(draft, target)
  }

  /** Puts the next version in place of the current one; done again it does nothing. */
  promote(install: InstallId, app: string): void {
    const next = this.of(install, app, 'next')
    if (!existsSync(next)) return
    rmSync(this.of(install, app), { recursive: true, force: true })
    renameSync(next, this.of(install, app))
  }

  /** Forgets the next versions. */
  dropNext(install: InstallId, app: string): void {
    rmSync(this.of(install, app, 'next'), { recursive: true, force: true })
  }

  /** Removes what nobody needs: folders of installs that are no more, and, of those without a job, what came for one. */
  tidy(installs: ReadonlySet<string>, busy: ReadonlySet<string>): void {
    for (const install of existsSync(this.#root) ? readdirSync(this.#root) : []) {
      const folder = join(this.#root, install)
      if (!installs.has(install)) rmSync(folder, { recursive: true, force: true })
      else if (!busy.has(install)) {
        // Names of apps have no dot.
        for (const name of readdirSync(folder).filter(one => one.includes('.')))
          rmSync(join(folder, name), { recursive: true, force: true })
      }
    }
  }
}
