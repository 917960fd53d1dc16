const { pctExec } = require('@broker/privexec')
const { testBroker } = require('@broker/privexec/testing')

/** A caller without types gets the same answers at run time. */
async function main() {
  const broker = await testBroker('policy.yaml')
  const { exitCode } = await broker.run(pctExec, { vmid: 20001, command: ['id'] })
  const { code, field } = await broker.run(pctExec, { vmid: '20001', command: ['id'] }).catch(error => error)
  console.log(JSON.stringify({ exitCode, code, field, node: process.versions.node }))
}

main()
