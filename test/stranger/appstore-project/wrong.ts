import { connect } from '@broker/proxmox'

const proxmox = await connect({ url: 'https://pve.example:8006', token: { file: 'token' }, tls: { fingerprint: '' } })
await proxmox.lxc.create({ vmid: '105', ostemplate: 'local:vztmpl/x' }) // wrong: a container id is a number
await proxmox.lxc.create({ vmid: 105 }) // wrong: no template
await proxmox.lxc.config({ id: 105 }) // wrong: there is no such field
await proxmox.lxc.start(105) // wrong: parameters are an object
console.log((await proxmox.version.get()).Version) // wrong: an answer has no such field
