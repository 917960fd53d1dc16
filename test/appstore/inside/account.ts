import { join } from 'node:path'
import { folderAt } from '../../../apps/appstore/src/catalog/manifest/files.ts'
import { readApp } from '../../../apps/appstore/src/catalog/manifest/read-app.ts'
import { openPrivileged } from '../../../apps/appstore/src/privileged/open.ts'
import { appOf, type Inputs } from '../../../apps/appstore/src/provision/app.ts'
import type { ProvisionEvent } from '../../../apps/appstore/src/provision/events.ts'
import { outputsOf } from '../../../apps/appstore/src/provision/outputs.ts'
import { type ProvisionAction, provision } from '../../../apps/appstore/src/provision/provision.ts'

/** One run of an app's script, as it comes on standard input: an array of them in JSON. */
export interface Run {
  readonly vmid: number
  readonly app: string
  readonly action: ProvisionAction
  readonly inputs: Inputs
  /** Cancels when an event has this text. */
  readonly cancelAt?: string
}

/** What came of it; outputs as the store keeps them. */
export interface Answer {
  readonly events: readonly ProvisionEvent[]
  readonly outputs?: ReturnType<typeof outputsOf>
  readonly warnings?: readonly string[]
  readonly code?: string
  readonly message?: string
}

// account.ts POLICY: as the account of the app store, runs what standard input says, each by the real broker.
const runs = JSON.parse(await new Response(process.stdin as never).text()) as Run[]
const privileged = await openPrivileged(process.argv[2] ?? '')
for (const run of runs) process.stdout.write(`${JSON.stringify(await answer(run))}\n`)
await privileged.close()

async function answer({ vmid, app, action, inputs, cancelAt }: Run): Promise<Answer> {
  const folder = folderAt(join(import.meta.dirname, '../apps', app), app)
  const { value: manifest, problems } = readApp(folder, app)
  if (manifest === undefined) return { events: [], code: 'manifest', message: JSON.stringify(problems) }
  const controller = new AbortController()
  const events: ProvisionEvent[] = []
  const onEvent = (event: ProvisionEvent): void => {
    events.push(event)
    if (cancelAt !== undefined && 'text' in event && event.text === cancelAt) controller.abort()
  }
  try {
    const door = privileged.door(vmid, { id: 'test' })
    const { signal } = controller
    const done = await provision({ guest: door, app: appOf(manifest, folder.path), inputs, action, onEvent, signal })
    return {
      events,
      outputs: outputsOf(manifest.outputs, done.outputs, inputs, { ip: '127.0.0.1' }),
      warnings: done.warnings,
    }
  } catch (error) {
    const { code, message } = error as Error & { code?: string }
    return { events, code: code ?? 'none', message }
  }
}
