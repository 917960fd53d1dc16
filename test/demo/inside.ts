import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { sudoLog } from '../../packages/privexec/src/render/sudoers.ts'
import { prepareHost } from '../host/prepare.ts'
import { runAs, startAs } from '../host/service.ts'
import { traces } from './attacks.ts'
import { auditSteps, reconcileStep } from './audit.ts'
import { databaseSteps, startEngine } from './databases.ts'
import { installPolicies } from './install.ts'
import { ignoreClosedPipe, printer, type Report, type Step, type Tally } from './step.ts'

// inside.ts [--json] [--after=STEPS]: the demo as root on a throwaway host, after so many steps outside of it. Exit status
// 0 when every step went as it should.
ignoreClosedPipe()
const after = process.argv.find(word => word.startsWith('--after='))
const tally: Tally = { steps: Number(after?.split('=')[1] ?? 0), failures: 0 }
const report = printer(process.argv.includes('--json'), tally)
const began = performance.now()
prepareHost({ containers: true, zfs: true })
const engine = startEngine()
// It is mounted when it is created; an attack shall try to mount it.
await runAs('root', ['/usr/sbin/zfs', 'unmount', traces.dataset], { readOnly: false })
report({
  part: 'root, on a throwaway host',
  title: 'makes the host',
  ok: true,
  ms: performance.now() - began,
  lines: [
    "the machine's own files as an overlay; LXC containers 20001 (the app store's) and 104 (somebody else's)",
    'ZFS pool tank by zfs-fuse; accounts appstore (a service) and alice (a person in the group pgd)',
  ],
})
report(installPolicies(['policies/appstore.yaml', 'policies/pgd.yaml']))
const files = [await act('appstore', report), await act('alice', report)].filter(file => file !== undefined)
report(effects())
await auditSteps(files, report, false)
report(await reconcileStep(files, ['appstore', 'pgd'].map(sudoLog)))
await databaseSteps(engine, report)
process.exitCode = tally.failures > 0 ? 1 : 0

/** Runs the steps of an account and passes them on as they come. Returns the path of its audit file. */
async function act(account: 'appstore' | 'alice', report: Report): Promise<string | undefined> {
  const script = join(import.meta.dirname, 'actor.ts')
  const child = await startAs(account, [process.execPath, script, account], {
    cwd: process.cwd(),
    env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let audit: string | undefined
  const closed = once(child, 'close')
  if (child.stdout === null) throw new Error('the pipe that was asked for is missing')
  for await (const line of createInterface(child.stdout)) {
    const message = JSON.parse(line) as Step | { readonly audit: string }
    if ('audit' in message) audit = message.audit
    else report(message)
  }
  const [status] = (await closed) as [number | null]
  if (status !== 0 || audit === undefined) {
    const lines = [`exit status ${status}; what it said stands above`]
    report({ part: account, title: 'went through all its steps', ok: false, lines })
  }
  return audit
}

/** What the attacks left: looked up by root in the containers' files and the host's mounts. */
function effects(): Step {
  const rootOf = (vmid: number): string => `/var/lib/lxc/${vmid}/rootfs`
  const found = [
    existsSync(`${rootOf(104)}${traces.file}`) ? `container 104 has ${traces.file}` : [],
    existsSync(`${rootOf(20001)}${traces.shadow}`) ? 'container 20001 has the shadow file' : [],
    readFileSync('/proc/1/mounts', 'utf8').includes(`${traces.dataset} `) ? `${traces.dataset} is mounted` : [],
  ].flat()
  return {
    part: 'root, on a throwaway host',
    title: 'looks for traces of the attacks',
    ok: found.length === 0,
    lines: found.length > 0 ? found : ['none in container 104, none in container 20001, none among the mounts'],
  }
}
