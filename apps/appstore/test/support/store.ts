import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newId } from '../../src/model/id.ts'
import type { Install } from '../../src/model/install.ts'
import { openStore, type Store } from '../../src/store/store.ts'

/** What helpers need of a test of tap. */
export interface Test {
  teardown(then: () => unknown): unknown
}

/** A directory that goes with the test. */
export function temporaryDirectory(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'appstore-test-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** An empty store that goes with the test. */
export function temporaryStore(t: Test, directory = temporaryDirectory(t)): Store {
  const store = openStore(directory)
  t.teardown(() => store.close())
  return store
}

/** An install of one app. */
export const someInstall = (change: Partial<Install> = {}): Install => ({
  id: newId(),
  name: 'notes',
  status: 'active',
  apps: [{ app: 'notes', version: '1.0.0', source: 'local', commit: '', inputs: { port: 8080 }, outputs: [] }],
  unprivileged: true,
  onboot: true,
  template: 'debian-12',
  storage: 'local-lvm',
  resources: { cores: 1, memory: 512, disk: 4 },
  network: { bridge: 'vmbr0', ipv4: 'dhcp' },
  volumes: [],
  consent: 'none',
  createdAt: 1,
  updatedAt: 1,
  ...change,
})
