import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { installEndOperation, installPolicy, policyFile } from '../../broker/installed.ts'
import { prepareHost } from '../../host/prepare.ts'
import { runScriptAs } from '../../host/service.ts'
import type { Answer, Run } from './account.ts'

// provision.ts ROOTFS: as root on a throwaway host, lets the account of the app store run scripts of apps in containers of
// Debian, looks at these, and prints one JSON object: what came of each run, and what was seen.
const [, , rootfs = ''] = process.argv
const canary = 'canary-91c4-secret'
const systemd = 20010
const bare = 20011
const busybox = 20001

prepareHost({ containers: true })
spawnSync('mkdir', ['-p', '/usr/libexec/privexec'])
installEndOperation()
await installPolicy(policyFile('appstore'))
for (const [id, kind] of [
  [String(systemd), ''],
  [String(bare), 'bare'],
] as const) {
  const script = join(import.meta.dirname, '../support/container.sh')
  const made = spawnSync('sh', [script, id, rootfs, kind], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  if (made.status !== 0) throw new Error(`container ${id}: ${made.stdout}${made.stderr}`)
}

/** Runs a line of shell in a container, as root does on the host. */
function look(vmid: number, line: string): string {
  const { stdout } = spawnSync('pct', ['exec', String(vmid), '--', 'sh', '-c', line], { encoding: 'utf8', input: '' })
  return stdout.trim()
}

async function asAccount(runs: readonly Run[]): Promise<Answer[]> {
  const script = join(import.meta.dirname, 'account.ts')
  const { stdout, stderr } = await runScriptAs('appstore', script, [policyFile('appstore')], {
    input: JSON.stringify(runs),
    timeout: 200_000,
  })
  const answers = stdout.split('\n').filter(line => line !== '')
  if (answers.length !== runs.length) throw new Error(`no answer: ${stdout}${stderr}`)
  return answers.map(line => JSON.parse(line) as Answer)
}

const page = (port: number): string =>
  `python3 -c 'import urllib.request as u; print(u.urlopen("http://127.0.0.1:${port}/").read().decode())'`
const inputs = { title: 'First', http_port: 8080, password: canary }
const act = (vmid: number, app: string, action: Run['action'], more: object = {}): Run => ({
  vmid,
  app,
  action,
  inputs: { ...inputs, ...more },
})

const seen: Record<string, unknown> = {}
seen.pythonBefore = look(systemd, 'command -v python3')
const [installed, configured, healthy] = await asAccount([
  act(systemd, 'page', 'install'),
  act(systemd, 'page', 'configure', { title: 'Second', http_port: 8081 }),
  act(systemd, 'page', 'healthcheck', { http_port: 8081 }),
])
seen.page = look(systemd, page(8081))
seen.package = look(systemd, 'dpkg -l nginx-light | tail -n 1 | cut -c 1-2')
seen.services = look(systemd, 'systemctl is-active nginx page-clock; systemctl is-enabled nginx page-clock')
seen.clock = look(systemd, 'cat /opt/page/clock; id -u page')
// Every place where a secret must not be; the environment file of the service is the one where it must.
const places = '/opt /var/log /etc/systemd /etc/nginx /tmp /var/tmp /root /run'
seen.canaryInGuest = look(systemd, `grep -rlaF ${canary} ${places} 2>/dev/null; grep -rlF ${canary} /etc/appstore`)
seen.environmentFile = look(systemd, 'stat -c "%a %u" /etc/appstore/environment/page-clock')
seen.running = look(systemd, 'ls /opt/appstore/run/page | wc -l; stat -c %a /opt/appstore/run')
seen.canaryOnHost = spawnSync(
  'grep',
  ['-rlaF', '--exclude-dir=throwaway-host', canary, '/var/log', '/var/lib/privexec', '/etc', '/run'],
  {
    encoding: 'utf8',
  },
).stdout
const audit = readFileSync('/var/log/privexec/appstore/audit.jsonl', 'utf8')
seen.audit = audit
  .trim()
  .split('\n')
  .map(line => JSON.parse(line) as { event: { type: string[]; outcome?: string }; process?: { args?: string[] } })
  .filter(({ event }) => event.type.includes('start')).length

look(systemd, 'systemctl stop nginx')
const [unhealthy, greedy, cancelled, empty, removed] = await asAccount([
  act(systemd, 'page', 'healthcheck', { http_port: 8081 }),
  act(systemd, 'greedy', 'install'),
  { ...act(systemd, 'slow', 'install'), cancelAt: 'begun' },
  act(busybox, 'page', 'install'),
  act(systemd, 'page', 'uninstall'),
])
seen.shadow = look(systemd, 'grep -c "^root::1" /etc/shadow')
seen.leftOfCancelled = spawnSync('sh', ['-c', "ps -eo args | grep -c '[s]leep 4711'"], {
  encoding: 'utf8',
}).stdout.trim()
seen.clockAfter = look(systemd, 'systemctl is-active page-clock')

const [installedBare, healthyBare] = await asAccount([act(bare, 'page', 'install'), act(bare, 'page', 'healthcheck')])
seen.pageBare = look(bare, page(8080))
const clock = (): string => look(bare, 'cut -d" " -f1 /opt/page/clock')
seen.clockBare = look(bare, 'cat /opt/page/clock; id -u page')
// The supervisor starts again what dies, and the starter what was enabled.
look(bare, "kill -9 $(ps -eo pid,args | awk '/[c]lock.py/ && !/supervise/ {print $1}')")
look(bare, 'sleep 2')
const before = clock()
look(bare, 'sleep 1')
seen.clockGoesOn = clock() !== before
look(bare, 'kill $(cat /run/appstore/page-clock.pid); /etc/init.d/nginx stop; sleep 1')
seen.stopped = look(bare, `ls /run/appstore; ${page(8080)} 2>&1 | tail -n 1`)
look(bare, '/etc/appstore/start-services; sleep 2')
seen.startedAgain = [look(bare, page(8080)), look(bare, 'ls /run/appstore')]

const runs = {
  installed,
  configured,
  healthy,
  unhealthy,
  greedy,
  cancelled,
  empty,
  removed,
  installedBare,
  healthyBare,
}
process.stdout.write(`${JSON.stringify({ runs, seen, canary })}\n`)
