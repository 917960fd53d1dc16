import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { type Lab, namespacesMissing, namespacesRuntime } from '../../src/index.ts'
import { container, finish, labFor, send } from '../support/client.ts'

const missing = await namespacesMissing()
const skip = missing ?? false

async function say(lab: Lab, vmid: number, script: string): Promise<string> {
  const { stdout, stderr, exitCode } = await lab.guest(vmid).exec(['sh', '-c', script])
  return `${stdout}${stderr}`.trim() + (exitCode === 0 ? '' : ` (${exitCode})`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function untilAnswers(t: Test, url: string): Promise<string> {
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok === true) return answer.text()
    await sleep(100)
  }
  t.fail(`${url} does not answer`)
  return ''
}

t.test('a container of namespaces is a machine of its own, made through the API', { skip }, async t => {
  const lab = await labFor(t, { guests: namespacesRuntime() })
  const path = '/nodes/lab/lxc/105'
  t.equal(await finish(lab, 'POST', '/nodes/lab/lxc', container(105, { mp0: 'local-zfs:1,mp=/data,backup=1' })), 'OK')
  await t.rejects(lab.guest(105).exec(['true']), { message: "container '105' not running!" })
  t.equal(await finish(lab, 'POST', `${path}/status/start`), 'OK')

  await t.test('programs run as its root, with their own processes, host name and files', async t => {
    t.equal(await say(lab, 105, 'id -u; hostname; cat /proc/1/comm'), '0\napp105\nsh')
    t.equal(
      await say(lab, 105, 'echo kept >/data/file; : >/etc/mine; rm /usr/bin/tac && ls /usr/bin/tac 2>&1 | wc -l'),
      '1',
    )
    t.equal(
      await say(lab, 105, 'ls /etc/shadow && cut -d: -f1 /etc/shadow'),
      '/etc/shadow\nroot',
      'no secret of the machine',
    )
    const { exitCode, stdout } = await lab.guest(105).exec(['cat'], { stdin: 'through\n' })
    t.same([exitCode, stdout.toString()], [0, 'through\n'])
    t.equal((await lab.guest(105).exec(['sh', '-c', 'exit 7'])).exitCode, 7)
    t.equal(await say(lab, 105, 'echo "$PATH $FOO"'), '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin')
  })

  await t.test('a file is pushed with its mode', async t => {
    await lab.guest(105).push('/root/secret', Buffer.from('x\0y'), { mode: 0o600 })
    t.equal(await say(lab, 105, 'stat -c "%a %s" /root/secret'), '600 3')
    await t.rejects(lab.guest(105).push('/none/x', Buffer.from('')), { message: /failed to create file/ })
  })

  await t.test('a command ends when it is cancelled, with its children', async t => {
    const controller = new AbortController()
    const running = lab.guest(105).exec(['sh', '-c', 'echo up; sleep 4242 & wait'], {
      signal: controller.signal,
      onStdout: () => controller.abort(),
    })
    await t.rejects(running, { name: 'AbortError' })
    t.equal(await say(lab, 105, 'pgrep -fx "sleep 4242" | wc -l'), '0')
  })

  const port = await freePort()
  await t.test('a service of a unit file serves on the loopback of the machine, also after a restart', async t => {
    const unit = `[Service]
Environment=ROOT=/srv/site "NAME=two words"
ExecStart=/usr/bin/python3 -m http.server ${port} \\
  --bind 127.0.0.1 --directory \${ROOT}
Restart=always
[Install]
WantedBy=multi-user.target
`
    await lab.guest(105).push('/etc/systemd/system/web.service', Buffer.from(unit))
    await say(lab, 105, 'mkdir /srv/site; echo hello >/srv/site/index.html')
    t.equal(
      await say(lab, 105, 'systemctl daemon-reload && systemctl enable --now web && systemctl is-active web'),
      'active',
    )
    t.equal(await untilAnswers(t, `http://127.0.0.1:${port}/`), 'hello\n')
    const { body } = await send(lab, 'GET', `${path}/interfaces`)
    t.match(body?.data, [{ name: 'lo' }, { name: 'eth0', inet: '127.0.0.1/8' }])
    t.equal(await finish(lab, 'POST', `${path}/status/reboot`), 'OK')
    t.equal(await untilAnswers(t, `http://127.0.0.1:${port}/`), 'hello\n')
    t.equal(await say(lab, 105, 'systemctl disable --now web; systemctl is-active web'), 'inactive (3)')
    t.equal(await say(lab, 105, 'systemctl restart none 2>&1'), 'Unit none.service not found. (5)')
  })

  await t.test('a snapshot brings back what was there, removed files of /usr too', async t => {
    t.equal(await finish(lab, 'POST', `${path}/snapshot`, { snapname: 'before' }), 'OK')
    await say(lab, 105, 'rm /etc/mine; echo changed >/data/file; : >/usr/new')
    t.equal(await finish(lab, 'POST', `${path}/snapshot/before/rollback`, { start: 1 }), 'OK')
    t.equal(
      await say(lab, 105, 'cat /data/file; ls /etc/mine; ls /usr/new /usr/bin/tac 2>/dev/null'),
      'kept\n/etc/mine (2)',
    )
  })

  await t.test('a backup makes the same container elsewhere', async t => {
    t.equal(await finish(lab, 'POST', '/nodes/lab/vzdump', { vmid: 105, storage: 'local', compress: 'zstd' }), 'OK')
    const backup = Object.keys(lab.state.volumes).find(volid => volid.includes('backup/')) ?? ''
    const restore = {
      vmid: 106,
      restore: 1,
      ostemplate: backup,
      storage: 'local-zfs',
      pool: 'appstore',
      unprivileged: 1,
    }
    t.equal(await finish(lab, 'POST', '/nodes/lab/lxc', restore), 'OK')
    t.equal(await finish(lab, 'POST', '/nodes/lab/lxc/106/status/start'), 'OK')
    t.equal(await say(lab, 106, 'cat /data/file; ls /usr/bin/tac 2>/dev/null'), 'kept (2)')
    t.equal(await say(lab, 106, 'stat -c %u / /data; : >/data/more'), '0\n0', 'its disks are its own')
  })

  await t.test('what it leaves is removed with it', async t => {
    for (const vmid of [105, 106])
      t.match(await finish(lab, 'DELETE', `/nodes/lab/lxc/${vmid}`, { force: 1 }), /^WARNINGS: 1$/)
    t.same(
      Object.values(lab.state.volumes).filter(({ content }) => content === 'rootdir'),
      [],
    )
  })

  await t.test('containers end with their lab', async t => {
    await finish(lab, 'POST', '/nodes/lab/lxc', container(107))
    await finish(lab, 'POST', '/nodes/lab/lxc/107/status/start')
    const { pid = 0 } = lab.state.guests[107] ?? {}
    t.ok(process.kill(pid, 0))
    await lab.stop()
    t.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
  })
})

t.test('a template that the lab has no files for makes the creation fail, and nothing is left', { skip }, async t => {
  const lab = await labFor(t, { guests: namespacesRuntime(), templates: ['alpine-3.22-default_20250617_amd64.tar.xz'] })
  const ostemplate = 'local:vztmpl/alpine-3.22-default_20250617_amd64.tar.xz'
  t.match(await finish(lab, 'POST', '/nodes/lab/lxc', container(105, { ostemplate })), /^unable to create CT 105 - /)
  t.notOk(lab.state.guests[105])
})
