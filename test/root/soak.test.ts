import { dirname } from 'node:path'
import t from 'tap'
import { stagingDirectory } from '../../packages/privexec/src/argument/staged-content.ts'
import { verifyAudit } from '../../packages/privexec/src/audit/verify.ts'
import { eventually } from '../attacks/support/processes.ts'
import { prepareHost } from '../host/prepare.ts'
import { startDaemon } from './support/daemon.ts'
import { bundledEntry, installEcho, mixedPolicy, soak } from './support/many.ts'
import { brokerGroups, census, descriptors, filesBelow, residentOf, running } from './support/traces.ts'
import { numberOf } from './support/variable.ts'

// BROKER_SOAK=100000 makes it long.
const operations = numberOf('BROKER_SOAK', 2000)
const atOnce = 16
const callers = 1000

prepareHost({ containers: true })
installEcho()
const limits = { running: 64, queue: 2000, perMinute: 1_000_000 }
const daemon = await startDaemon(mixedPolicy(60, limits), { entry: await bundledEntry() })
const { pid = 0 } = daemon.child
const { file } = daemon.policy.audit
t.teardown(() => daemon.stop())

t.test('a thousand callers at once are all answered, each with what its own program said', async t => {
  await soak(callers, callers)
  const first = residentOf(pid)
  for (const wave of [2, 3, 4]) {
    const { answered, problems } = await soak(callers, callers)
    t.same([answered, problems], [callers, []], `wave ${wave}`)
  }
  const grown = residentOf(pid) / first
  t.comment(`memory after three more waves: ${first.toFixed(0)} MB times ${grown.toFixed(2)}`)
  t.ok(grown < 1.25, 'memory is flat')
})

t.test(`${operations} operations leave nothing behind`, async t => {
  const look = () => ({
    processes: census(),
    descriptors: descriptors(pid),
    groups: brokerGroups().length,
    files: filesBelow('/run/privexec', dirname(file), dirname(stagingDirectory('rootside')), '/tmp').filter(
      // A full segment stays on purpose.
      name => !/\/audit\.jsonl\.\d{16}$/.test(name),
    ),
  })
  await soak(400, atOnce, '--all')
  const before = look()
  const memory = residentOf(pid)
  const { answered, problems, ...client } = await soak(operations, atOnce, '--all')
  t.same([answered, problems], [operations, []])
  t.strictSame(client.after, client.before, 'no descriptor of the client')
  t.ok(await eventually(() => running('rootside').length === 0), 'nothing runs')
  t.strictSame(look(), before, 'no process, descriptor, control group or file')
  const grown = residentOf(pid) / memory
  t.comment(`memory: ${memory.toFixed(0)} MB times ${grown.toFixed(2)}`)
  t.ok(grown < 1.25, 'memory is flat')
  const { ok, unfinishedCount, records } = await verifyAudit(file)
  t.same([ok, unfinishedCount], [true, 0], `${records} records`)
})

t.test('its end leaves nothing either', async t => {
  const groups = brokerGroups().length
  t.equal(await daemon.stop(), 0)
  t.equal(brokerGroups().length, Math.max(0, groups - 1))
  t.notOk(daemon.said().includes('failed'), daemon.said())
})
