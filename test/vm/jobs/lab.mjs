// A Proxmox VE of one node over containers of LXC, for a job; prints what is needed to reach it, and goes on.
import { lxcRuntime, startLab } from '/usr/lib/node_modules/@broker/proxmox-lab/dist/index.js'

const lab = await startLab({
  directory: '/var/lib/lab',
  node: 'guest',
  port: 8006,
  guests: lxcRuntime(),
  etcPve: '/etc/pve',
  ...{ user: 'other@pve', role: 'Other', pool: 'theirs' },
  foreignGuests: [{ vmid: 104, hostname: 'production' }],
})
const { fingerprint, root } = lab
console.log(JSON.stringify({ fingerprint, token: `${root.tokenId}=${root.tokenSecret}` }))
