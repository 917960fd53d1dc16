import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Appstore } from '../contract.ts'

/** Metrics of the daemon, as Prometheus reads them. */
export function metricsOf(appstore: Appstore): { readonly contentType: string; text(): Promise<string> } {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const installs = new Gauge({
    name: 'appstore_installs',
    help: 'Installs by the state of their guest',
    labelNames: ['state'],
    registers: [registry],
  })
  const jobs = new Gauge({
    name: 'appstore_jobs',
    help: 'Jobs that have not ended',
    labelNames: ['state'],
    registers: [registry],
  })
  const apps = new Gauge({ name: 'appstore_catalog_apps', help: 'Apps of the catalog', registers: [registry] })
  const reachable = new Gauge({
    name: 'appstore_proxmox_reachable',
    help: 'Whether Proxmox answers',
    registers: [registry],
  })
  return {
    contentType: registry.contentType,
    text: async () => {
      const [list, status] = await Promise.all([appstore.installs.list(), appstore.status()])
      installs.reset()
      for (const { live } of list) installs.inc({ state: live.state })
      jobs.set({ state: 'running' }, status.jobs.running)
      jobs.set({ state: 'queued' }, status.jobs.queued)
      apps.set(appstore.catalog.list({ limit: 1 }).total)
      reachable.set(status.proxmox.reachable ? 1 : 0)
      return registry.metrics()
    },
  }
}
