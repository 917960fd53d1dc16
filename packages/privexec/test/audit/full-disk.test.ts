import { execFileSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import t from 'tap'
import { intentRecord } from '../../src/audit/record.ts'
import { verifyAudit } from '../../src/audit/verify.ts'
import { openAudit } from '../../src/audit/writer.ts'
import { facts } from './support/samples.ts'

const needsRoot = process.getuid?.() !== 0 && 'mounting a file system needs root'
const program = new URL('support/full-disk.ts', import.meta.url).pathname
// The mount namespace ends with the process, and the mount with it.
const onTmpfs = 'mount -t tmpfs -o size=1m,mode=0755 tmpfs "$1" && exec "$2" "$3" "$1"'

t.test('a full disk refuses intents; outcomes and refusals still find space', { skip: needsRoot }, async t => {
  const folder = t.testdir({})
  const output = execFileSync('unshare', ['-m', 'sh', '-c', onTmpfs, 'sh', folder, process.execPath, program], {
    env: { PATH: process.env.PATH },
  })
  const { appended, unfinishedCount, ...result } = JSON.parse(output.toString())
  t.same(result, {
    before: 'appended',
    lastIntent: 'PRIVEXEC_AUDIT_UNAVAILABLE',
    outcome: 'appended',
    denials: ['appended'],
    still: 'PRIVEXEC_AUDIT_UNAVAILABLE',
    fullIsValid: true,
    after: 'appended',
    ok: true,
  })
  t.equal(unfinishedCount, appended + 1, 'no refused intent is in the file')
})

t.test('a read-only file system refuses the log', { skip: needsRoot }, async t => {
  const folder = t.testdir({})
  const script = `import { openAudit } from ${JSON.stringify(new URL('../../src/audit/writer.ts', import.meta.url).href)}
    await openAudit({ file: process.argv[1] + '/audit.jsonl' }).catch(error => console.log(error.code, error.cause.code))`
  const readOnly = 'mount -t tmpfs -o ro,mode=0755 tmpfs "$1" && exec "$2" --input-type=module -e "$3" "$1"'
  const output = execFileSync('unshare', ['-m', 'sh', '-c', readOnly, 'sh', folder, process.execPath, script], {
    env: { PATH: process.env.PATH },
  })
  t.equal(output.toString(), 'PRIVEXEC_AUDIT_UNAVAILABLE EROFS\n')
})

t.test('an open log needs no further descriptor', async t => {
  const file = `${t.testdir({})}/audit.jsonl`
  const log = await openAudit({ file })
  await log.append(intentRecord(facts()), { until: 'durable' })
  const taken: number[] = []
  try {
    for (let i = 0; i < 2_000_000; i += 1) taken.push(openSync('/dev/null', 'r'))
  } catch {
    // The table of descriptors is full now.
  }
  const appended = log.append(intentRecord(facts()), { until: 'durable' })
  await appended.catch(() => {})
  for (const fd of taken) closeSync(fd)
  t.equal((await appended).sequence, 2)
  await log.close()
  t.equal((await verifyAudit(file)).ok, true)
})
