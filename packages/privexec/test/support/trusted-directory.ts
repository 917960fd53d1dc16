import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import type { Test } from 'tap'

/**
 * A directory of root's below directories of root's, wherever the checkout lies: one below /tmp is never trusted. Gone with
 * the test. Needs root.
 */
export function trustedDirectory(t: Test): string {
  const directory = mkdtempSync('/var/lib/privexec-test-')
  chmodSync(directory, 0o755)
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}
