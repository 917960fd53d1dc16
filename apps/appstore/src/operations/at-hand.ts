import { existsSync } from 'node:fs'
import { folderAt } from '../catalog/manifest/files.ts'
import { readApp } from '../catalog/manifest/read-app.ts'
import { AppstoreError } from '../errors/error.ts'
import type { Install } from '../model/install.ts'
import type { AppAtHand } from './steps/apps.ts'
import type { Toolbox } from './toolbox.ts'

/**
 * The apps of an install, from the folders that were taken when they were installed, or are to come with an upgrade; a
 * next version that was put in place already is the current one.
 */
export function appsAtHand(
  tools: Toolbox,
  install: Install,
  version: 'current' | 'next' = 'current',
): readonly AppAtHand[] {
  return install.apps.map(({ app, inputs }) => {
    const next = tools.folders.of(install.id, app, 'next')
    const isNext = version === 'next' && existsSync(next)
    const folder = isNext ? next : tools.folders.of(install.id, app)
    const { value: manifest } = readApp(folderAt(folder, app), app)
    if (manifest === undefined) {
      throw new AppstoreError('APPSTORE_NOT_FOUND', `The files of ${app}, as it was installed, cannot be read`)
    }
    return { app, manifest, folder, inputs }
  })
}

/** Features that the apps want of their guest. */
export const featuresOf = (apps: readonly AppAtHand[]): readonly string[] => [
  ...new Set(apps.flatMap(({ manifest }) => manifest.guest.features)),
]

/** All secrets that a job may come across. */
export const secretsOfJob = (
  tools: Toolbox,
  job: { readonly id: string; readonly install: string },
): readonly string[] => [...Object.values(tools.vault.all(job.install)), ...Object.values(tools.vault.all(job.id))]
