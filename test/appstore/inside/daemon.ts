import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { startAs } from '../../host/service.ts'

/** A running daemon of the app store. */
export interface Daemon {
  readonly process: ChildProcess
  /** SHA-256 of its certificate, as the daemon says it. */
  readonly fingerprint: string
  /** What it has said on both streams until now. */
  said(): string
}

/**
 * Starts the daemon as its account in the read-only namespace, and waits until it has said whose certificate it
 * shows: its log tells of listening before that. A daemon that ends, or is silent for 30 s, throws with what it said.
 */
export async function startDaemon(serve: readonly string[]): Promise<Daemon> {
  const child = await startAs('appstore', serve, { readOnly: true })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', chunk => {
      said += String(chunk)
    })
  }
  for (let tries = 0; tries < 600; tries++) {
    const [, fingerprint] = /certificate ([0-9A-F:]{95})/.exec(said) ?? []
    if (fingerprint !== undefined) return { process: child, fingerprint, said: () => said }
    if (child.exitCode !== null) throw new Error(`the daemon ended: ${said}`)
    await sleep(50)
  }
  throw new Error(`the daemon does not say that it listens: ${said}`)
}
