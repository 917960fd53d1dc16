import { isAppstoreError, openLab } from '@broker/appstore'
import { createBroker, loadPolicy, pctExec } from '@broker/privexec'
import { verifyAudit } from '@broker/privexec/audit'
import { recordingTransport } from '@broker/privexec/testing'
import { connect, isProxmoxError } from '@broker/proxmox'

const lab = await openLab(`${process.cwd()}/tool-lab`, 0)
const { url, tokenId: id, tokenSecret: secret, fingerprint } = lab.lab
const proxmox = await connect({ url, token: { id, secret }, tls: { fingerprint } })
const { version } = await proxmox.version.get()
const unknown: unknown = await proxmox.lxc.config({ vmid: 4711 }).catch((error: unknown) => error)
await proxmox.close()
await lab.close()

const other = '00:'.repeat(31).concat('00')
const pinned: unknown = await connect({ url, token: { id, secret }, tls: { fingerprint: other } }).catch(error => error)
const file = `${process.cwd()}/audit.jsonl`
const policy = await loadPolicy('policy.yaml')
const broker = await createBroker({ policy, transport: recordingTransport(), audit: { file } })
await broker.run(pctExec, { vmid: 20001, command: ['true'] })
await broker.close()
const trail = await verifyAudit(file)
console.log(
  JSON.stringify({
    version: version.split('.')[0],
    unknown: isProxmoxError(unknown) && unknown.code,
    pinned: isProxmoxError(pinned),
    store: isAppstoreError(pinned),
    trail: { ok: trail.ok, records: trail.records },
    node: process.versions.node,
  }),
)
