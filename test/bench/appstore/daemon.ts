import { keepMemorySmall } from '../../../apps/appstore/src/daemon/memory.ts'
import { standIn } from './door.ts'

// The process that is measured: the daemon, as `appstore serve` starts it, over a lab that is elsewhere; or, without a
// lab, the index of a catalog alone. Started by start.ts.

const { lab, state, catalog, talk, jobs } = JSON.parse(process.argv[2] ?? '{}')
const sources = [{ name: 'bench', directory: catalog, trusted: true }]

if (lab === undefined) {
  const { Catalog } = await import('../../../apps/appstore/src/catalog/catalog.ts')
  const began = performance.now()
  const { index } = await Catalog.open({ directory: `${state}/catalog`, sources })
  process.send?.({ milliseconds: performance.now() - began, apps: index.apps.length })
} else {
  keepMemorySmall()
  const { connect } = await import('../../../packages/proxmox/src/index.ts')
  const { parseConfig } = await import('../../../apps/appstore/src/config/load.ts')
  const { serve } = await import('../../../apps/appstore/src/daemon/serve.ts')
  const proxmox = await connect({
    url: lab.url,
    token: { id: lab.tokenId, secret: lab.tokenSecret },
    tls: { fingerprint: lab.fingerprint },
  })
  const config = parseConfig(
    `pool: appstore
state: ${state}
proxmox: { url: "${lab.url}", token_file: ${state}/token, fingerprint: "${lab.fingerprint}" }
defaults: { storage: local-zfs, network: { ipv4: none } }
jobs: { at_once: ${jobs} }
`,
    'config.yml',
  )
  const begin = Promise.withResolvers<void>()
  const daemon = await serve({
    config: { ...config, sources, listen: { ...config.listen, port: 0 } },
    surroundings: {
      proxmox,
      range: { from: 20_000, to: 20_999 },
      guestDoor: standIn({ begin: begin.promise, ...talk }),
    },
    version: '0.0.0',
    isLab: false,
    audit: () => Promise.reject(new Error('none')),
    doctor: async () => [],
    log: 'warn',
  })
  // A password takes much memory for a moment: the daemon that is measured is one that was set up before.
  if (daemon.accounts.list().length === 0) await daemon.accounts.add('bench', 'admin', 'correct horse battery')
  const token = daemon.tokens.create('bench', 'bench', ['read', 'operate', 'install']).text
  process.send?.({ port: Number(new URL(daemon.url).port), token })
  process.once('disconnect', () => process.exit())
  process.on('message', async message => {
    if (message === 'talk') return begin.resolve()
    await daemon.close()
    await proxmox.close()
    process.exit()
  })
}
