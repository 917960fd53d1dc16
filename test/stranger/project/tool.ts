import { createBroker, isPrivexecError, loadPolicy, pctExec } from '@broker/privexec'
import { recordingTransport } from '@broker/privexec/testing'

const transport = recordingTransport({ 'pct.exec': { stdout: 'Reading package lists... Done\n' } })
const policy = await loadPolicy('policy.yaml')
const broker = await createBroker({ policy, transport, audit: { file: `${process.cwd()}/audit.jsonl` } })
const { exitCode, stdout } = await broker.run(pctExec, { vmid: 20001, command: ['apt-get', 'update'] })
const refused: unknown = await broker.run(pctExec, { vmid: 104, command: ['id'] }).catch((error: unknown) => error)
await broker.close()
console.log(JSON.stringify({ exitCode, stdout, argv: transport.calls[0]?.argv, calls: transport.calls.length }))
console.log(isPrivexecError(refused) ? `${refused.code} ${refused.field}` : 'not refused')
