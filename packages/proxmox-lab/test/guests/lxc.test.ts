import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { insideHost, prepareHost } from '../../../../test/host/prepare.ts'
import { lxcRuntime } from '../../src/index.ts'
import { container, finish, labFor, send } from '../support/client.ts'

const skip = insideHost() ? false : 'runs in a throwaway host'

t.test('a container of LXC is made through the API, and found by pct', { skip }, async t => {
  prepareHost({ containers: true })
  const pct = (...args: string[]): string => {
    const { stdout, stderr, status } = spawnSync('pct', args, { encoding: 'utf8' })
    return `${stdout}${stderr}`.trim() + (status === 0 ? '' : ` (${status})`)
  }
  // A disk cannot lie on the host's own files, which are an overlay.
  const lab = await labFor(t, { directory: '/run/lab', guests: lxcRuntime(), etcPve: '/run/lab-pve', node: 'pve' })
  const path = '/nodes/pve/lxc/10005'
  t.equal(await finish(lab, 'POST', '/nodes/pve/lxc', container(10_005, { mp0: 'local-zfs:1,mp=/data' })), 'OK')
  await send(lab, 'PUT', `${path}/config`, { tags: 'appstore;managed' })
  t.equal(await finish(lab, 'POST', `${path}/status/start`), 'OK')
  const shell = (script: string): string => pct('exec', '10005', '--', 'sh', '-c', script)
  spawnSync('ln', ['-s', '/run/lab-pve/lxc/10005.conf', '/etc/pve/lxc/10005.conf'])

  t.equal(
    shell('id -u; hostname; : >/etc/mine; : >/usr/mine; : >/data/mine; cat /proc/self/uid_map'),
    ['0', 'app10005', '         0     100000      65536'].join('\n'),
  )
  t.match(readFileSync('/run/lab-pve/lxc/10005.conf', 'utf8'), /^tags: appstore;managed$/m)

  const { body } = await send(lab, 'GET', `${path}/interfaces`)
  const card = ((body?.data ?? []) as { name: string; inet: string }[]).find(({ name }) => name === 'eth0')
  t.match(card?.inet, /^10\.104\.\d+\.\d+\/16$/)
  const unit = '[Service]\nExecStart=/usr/bin/python3 -m http.server 8080 --directory /data\n'
  await lab.guest(10_005).push('/etc/systemd/system/web.service', Buffer.from(unit))
  t.equal(shell('systemctl enable --now web && systemctl is-active web'), 'active')
  const address = card?.inet.split('/')[0]
  let page: string | undefined
  for (let tries = 0; tries < 100 && page === undefined; tries += 1) {
    page = await fetch(`http://${address}:8080/`)
      .then(answer => answer.text())
      .catch(() => undefined)
    if (page === undefined) await sleep(100)
  }
  t.match(page, /mine/)

  t.equal(await finish(lab, 'POST', `${path}/status/reboot`), 'OK')
  t.equal(shell('ls /etc/mine /usr/mine /data/mine'), '/data/mine\n/etc/mine\n/usr/mine')
  t.equal(await finish(lab, 'POST', `${path}/status/stop`), 'OK')
  t.equal(shell('true'), "container '10005' not running! (255)")
  t.equal(await finish(lab, 'DELETE', path), 'OK')
  t.notMatch(readFileSync('/proc/self/mounts', 'utf8'), /^overlay .*\/run\/lab/m)
})
