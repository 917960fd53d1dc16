import { createBroker, pctExec, pctPush, zfsMount } from '@broker/privexec'

const broker = await createBroker({ policy: 'policy.yaml' })
await broker.run(pctExec, { vmid: '20001', command: ['ls'] }) // wrong: a container id is a number
await broker.run(pctExec, { vmid: 20001, command: 'ls -l' }) // wrong: a line for a shell
await broker.run(pctExec, { vmid: 20001, command: [] }) // wrong: no program
await broker.run(pctExec, { vmid: 20001 }) // wrong: a field is missing
await broker.run(pctExec, { vmid: 20001, command: ['ls'], user: 'root' }) // wrong: there is no such field
await broker.run(pctPush, { vmid: 20001, content: '/etc/passwd', destination: '/root/x' }) // wrong: a path of the host
await broker.run(zfsMount, { dataset: 'tank/a' }, { timeout: '30s' }) // wrong: milliseconds are a number
broker.decide(zfsMount, { datasets: 'tank/a' }) // wrong: there is no such field
console.log((await broker.run(zfsMount, { dataset: 'tank/a' })).exitcode) // wrong: a result has no such field
await broker.run(pctPush, { vmid: 20001, content: Buffer.from('bytes'), destination: '/root/x', perms: '0600' })
