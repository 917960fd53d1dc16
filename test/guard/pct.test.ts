import { spawnSync } from 'node:child_process'
import { readFileSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { insideHost, prepareHost } from '../host/prepare.ts'
import { reason } from './check.ts'

const skip = insideHost() ? false : 'needs the throwaway host: node test/host/run.ts -- tap test/guard/*.test.ts'
if (skip === false) prepareHost({ containers: true })

const config = '/etc/pve/lxc/20001.conf'
const users = '/etc/pve/user.cfg'

/** Writes a file as Proxmox VE's file system has it, and puts the old text back afterwards. */
function withText(s: { teardown(undo: () => void): void }, file: string, text: string): void {
  const before = readFileSync(file, 'utf8')
  writeFileSync(file, text)
  s.teardown(() => writeFileSync(file, before))
}

t.test('the container that carries our marks is ours, and the other one is not', { skip }, async s => {
  for (const command of ['pct.exec', 'pct.push']) {
    s.equal(await reason(command, 20_001), undefined, command)
    s.equal(await reason(command, 104), 'container 104 lacks the tags appstore, managed')
    s.equal(await reason(command, 20_002), 'container 20002 has no configuration on this node')
  }
})

t.test('a mark that is taken away counts from then on', { skip }, async s => {
  const text = readFileSync(config, 'utf8')
  withText(s, config, text.replace('unprivileged: 1', 'unprivileged: 0'))
  s.equal(await reason('pct.exec', 20_001), 'container 20001 is privileged')
  writeFileSync(config, text.replace(';managed', ';manager'))
  s.equal(await reason('pct.exec', 20_001), 'container 20001 lacks the tags managed')
  writeFileSync(config, `arch: amd64\n[before]\n${text}`)
  s.match(await reason('pct.exec', 20_001), /lacks the tags/, 'what it was in a snapshot does not')
  writeFileSync(config, text)
  withText(s, users, readFileSync(users, 'utf8').replace('pool:appstore:', 'pool:appstore/test:'))
  s.equal(await reason('pct.exec', 20_001), 'container 20001 is in the pool "appstore/test"')
})

t.test('a service with directories of its own over those of the host changes nothing', { skip }, async s => {
  const check = join(import.meta.dirname, 'check.ts')
  const hide = 'mount -t tmpfs none /etc/pve && ls /etc/pve && exec "$@"'
  const args = ['--mount', '--propagation', 'slave', 'sh', '-c', hide, 'sh']
  const command = [process.execPath, '--conditions=@broker/source', check, 'pct.exec']
  for (const [vmid, said] of [
    ['20001', {}],
    ['104', { 'own-container': 'container 104 lacks the tags appstore, managed' }],
  ] as const) {
    const { status, stdout, stderr } = spawnSync('unshare', [...args, ...command, vmid], { encoding: 'utf8' })
    s.equal(status, 0, stderr)
    s.strictSame(JSON.parse(stdout), said)
  }
})

t.test('a configuration that somebody else could have put there is not believed', { skip }, async s => {
  const planted = '/tmp/planted.conf'
  writeFileSync(planted, readFileSync(config))
  renameSync(config, `${config}.kept`)
  s.teardown(() => {
    unlinkSync(config)
    renameSync(`${config}.kept`, config)
  })
  symlinkSync(planted, config)
  s.match(await reason('pct.exec', 20_001), /^rejects: .*"\/tmp" may be written by others/)
})
