import { join } from 'node:path'
import t from 'tap'
import { policyText, privexec } from './support/cli.ts'

t.test('explain answers with argv and rule, or with field and reason, and a status for each class', async t => {
  const policy = join(t.testdir({ 'a.yaml': policyText({ principal: 'principal: { user: nosuchuser }' }) }), 'a.yaml')
  const ask = (command: string, input: object, ...more: string[]) =>
    privexec(['explain', command, JSON.stringify(input), '--policy', policy, ...more])

  const allowed = await ask('pct.push', { vmid: 20001, destination: '/opt/a' }, '--json')
  t.equal(allowed.status, 0)
  t.match(JSON.parse(allowed.stdout), {
    allowed: true,
    grant: 'store/pct.push',
    argv: ['/usr/bin/nsenter', '--mount=/proc/1/ns/mnt', '--', '/usr/sbin/pct', 'push', '20001', /drop\/[0-9a-f]{32}$/],
    rules: [{ sudoers: /^\/usr\/bin\/nsenter \^.*\$$/, timeout: 60 }],
    sudo: { asked: false },
  })
  t.match(await ask('pct.exec', { vmid: 104, command: ['ls'] }), {
    status: 77,
    stdout: /^refused .*\n {2}why +vmid: 104 is not allowed here; allowed is a whole number from 20000 to 20999\n/,
  })
  t.match(await ask('pct.exec', { vmid: '20001', command: ['ls'] }), { status: 65, stdout: /why +vmid: "20001"/ })
  t.match(await ask('zfs.mount', { dataset: 'tank/x' }), { status: 77, stdout: /PRIVEXEC_NOT_GRANTED/ })
  t.match(await ask('pct.push', { vmid: 20001, destination: '/opt/a', content: '/etc/shadow' }), { status: 65 })
})
