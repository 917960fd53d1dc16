import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { directoriesRuntime, namespacesMissing, namespacesRuntime, startLab } from './index.ts'

// A lab to try things on by hand: node src/main.ts [--directory DIR] [--port PORT] [--version 8|9] [--foreign]
const { values } = parseArgs({
  options: {
    directory: { type: 'string' },
    port: { type: 'string', default: '0' },
    version: { type: 'string', default: '9' },
    foreign: { type: 'boolean', default: false },
  },
})
const directory = values.directory ?? mkdtempSync(join(tmpdir(), 'proxmox-lab-'))
const missing = await namespacesMissing()
if (missing !== undefined) console.error(`${missing}; guests are plain directories`)
const lab = await startLab({
  directory,
  port: Number(values.port),
  version: values.version === '8' ? 8 : 9,
  guests: missing === undefined ? namespacesRuntime() : directoriesRuntime(),
  foreignGuests: values.foreign ? [{ vmid: 104, hostname: 'production', isRunning: true }] : [],
})
const { url, fingerprint, tokenId, tokenSecret, root } = lab
console.log(JSON.stringify({ url, fingerprint, tokenId, tokenSecret, root, directory }, undefined, 2))
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    lab.stop().then(() => process.exit(0))
  })
