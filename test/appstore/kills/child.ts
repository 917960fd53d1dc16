import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { StatementSync } from 'node:sqlite'
import { connect } from '../../../packages/proxmox/src/index.ts'
import type { Ended, Opening, Order, Word } from './protocol.ts'

// A process that runs a store, is told what to do by a test, and kills itself before a durable write when it is told so.

const writes: string[] = []
let killBefore = Number.POSITIVE_INFINITY
let isArmed = false

function count(words: string): void {
  if (!isArmed) return
  if (writes.length >= killBefore) process.kill(process.pid, 'SIGKILL')
  writes.push(words)
}

const run = StatementSync.prototype.run
StatementSync.prototype.run = function (this: StatementSync, ...values: Parameters<typeof run>) {
  // What is told of jobs is written a moment later, and may be lost.
  if (!/\bevents\b/.test(this.sourceSQL)) count(this.sourceSQL.replaceAll(/\s+/g, ' ').slice(0, 60))
  return run.apply(this, values)
} as typeof run
for (const name of ['renameSync', 'rmSync', 'cpSync', 'linkSync'] as const) {
  const original = fs[name] as (...values: unknown[]) => unknown
  Object.assign(fs, {
    [name]: (...values: unknown[]) => {
      count(name)
      return original(...values)
    },
  })
}
syncBuiltinESMExports()

const { AppstoreError } = await import('../../../apps/appstore/src/errors/error.ts')
const { parseConfig } = await import('../../../apps/appstore/src/config/load.ts')
const { openAppstore } = await import('../../../apps/appstore/src/service/appstore.ts')

let open: Awaited<ReturnType<typeof openAppstore>> | undefined
let close = async (): Promise<void> => {}
const runs = new Map<number, (failure: string | undefined) => void>()
let lastRun = 0
const say = (word: Word): void => void process.send?.(word)

async function openStore({ url, fingerprint, token, config, range }: Opening): Promise<void> {
  const proxmox = await connect({ url, token, tls: { fingerprint }, timeout: 3000 })
  const noWay = (): Promise<never> => Promise.reject(new Error('no way in'))
  const store = await openAppstore({
    config: parseConfig(config, 'config.yml'),
    proxmox,
    range,
    guestDoor: () => ({ exec: noWay, push: noWay }),
    provisioner: {
      run: async ({ vmid, action, inputs, manifest: { version } }) => {
        const n = ++lastRun
        const failure = await new Promise<string | undefined>(resolve => {
          runs.set(n, resolve)
          say({ n, run: { vmid, action, version, inputs } })
        })
        if (failure !== undefined) throw new AppstoreError('APPSTORE_PROVISION_FAILED', failure)
        return { outputs: [], secrets: {} }
      },
      plan: () => [],
    },
    version: '0.0.0',
    audit: noWay,
    doctor: async () => [],
  })
  open = store
  close = async () => {
    await store.close()
    await proxmox.close()
  }
}

async function obey(order: Order): Promise<unknown> {
  if (order.order === 'open') return openStore(order.open)
  if (open === undefined) throw new Error('not open')
  switch (order.order) {
    case 'arm':
      isArmed = true
      killBefore = order.before
      return
    case 'do': {
      const method = open.installs[order.door as 'start'] as (...args: unknown[]) => unknown
      return method.apply(open.installs, [...order.args])
    }
    case 'wait': {
      for (const { id } of open.store.jobs.list({ states: ['queued', 'running', 'undoing'] }))
        await open.jobs.finished(id)
      return { jobs: open.jobs.list({}), writes } satisfies Ended
    }
    default:
      return close()
  }
}

process.on('message', (order: Order) => {
  const { n } = order
  if (order.order === 'ran') return runs.get(n)?.(order.failure)
  obey(order).then(
    value => say({ n, value }),
    (error: Error) => say({ n, error: `${error.message}\n${error.stack}` }),
  )
})
process.on('disconnect', () => process.exit(0))
