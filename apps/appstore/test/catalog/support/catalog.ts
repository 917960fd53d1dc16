import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Folder } from '../../../src/catalog/manifest/files.ts'
import type { Manifest } from '../../../src/catalog/manifest/manifest.ts'
import { readApp } from '../../../src/catalog/manifest/read-app.ts'

/** A manifest that says the least that it must. */
export const least = (id = 'app', more = ''): string => `id: ${id}
name: App
description: An app
version: 1.0.0
categories: [tools]
lxc:
  ostemplate: debian-12
  defaults:
    unprivileged: true
    cores: 1
    memory_mb: 256
    disk_gb: 2
provisioning:
  script: provision/install.py
${more}`

/** A folder of an app, in memory. */
export function folderOf(files: Readonly<Record<string, string>>): Folder {
  const all: Readonly<Record<string, string>> = { 'provision/install.py': '', ...files }
  return {
    name: 'apps/app',
    path: '/nonexistent',
    read: path => (Object.hasOwn(all, path) ? Buffer.from(all[path] ?? '') : undefined),
    has: path => Object.hasOwn(all, path),
    files: folder =>
      Object.keys(all)
        .filter(path => dirname(path) === folder)
        .map(path => path.slice(folder.length + 1)),
  }
}

/** What is wrong with a manifest, as `line field: message`. */
export const problemsOf = (text: string, files: Readonly<Record<string, string>> = {}): string[] =>
  readApp(folderOf({ 'app.yml': text, ...files }), 'app').problems.map(
    ({ severity, line, field, message }) => `${severity === 'warning' ? '(warning) ' : ''}${line} ${field}: ${message}`,
  )

/** The manifest of a text that has no errors. */
export function manifestOf(text: string, files: Readonly<Record<string, string>> = {}): Manifest {
  const { value, problems } = readApp(folderOf({ 'app.yml': text, ...files }), 'app')
  if (value === undefined) throw new Error(JSON.stringify(problems))
  return value
}

/** Writes files below a folder. */
export function writeFiles(base: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(base, path)), { recursive: true })
    writeFileSync(join(base, path), content)
  }
}
