import t from 'tap'
import { sockets, units, withFiles } from './support.ts'

const analyze = '/usr/bin/systemd-analyze'
const { missing, stdout: version } = withFiles({}, analyze, ['--version'])
const skip = missing ? `${analyze} is not installed` : false

t.test('systemd finds nothing to say about any unit', { skip }, async t => {
  for (const [name, { file, text }] of Object.entries(units)) {
    const { stdout, stderr } = withFiles({ ...sockets, [file]: text }, analyze, ['verify', `./${file}`])
    t.equal(`${stdout}${stderr}`, '', name)
  }
  const broken = { 'a.service': '[Service]\nExecStart=/bin/true\nProtectSytem=strict\n' }
  t.match(withFiles(broken, analyze, ['verify', './a.service']).stderr, /Unknown key/, 'it would say something')
})

/** Exposure as systemd 252 counts it, 0 to 10; a unit may become better, never worse. */
const exposure: Readonly<Record<string, number>> = {
  'privexecd, containers': 5.8,
  'privexecd, datasets': 2.7,
  'privexecd, datasets and their owners': 2.9,
  'app store by socket': 1.1,
  'app store by sudo': 6.9,
}

const other = /^systemd 252 /.test(version) ? false : 'the figures are those of systemd 252'

t.test('no unit is more exposed than it was', { skip: skip || other }, async t => {
  t.same(Object.keys(exposure), Object.keys(units))
  for (const [name, { file, text }] of Object.entries(units)) {
    const { stdout } = withFiles({ [file]: text }, analyze, ['security', '--offline=true', '--no-pager', `./${file}`])
    const [, level] = /Overall exposure level for \S+: ([\d.]+)/.exec(stdout) ?? []
    t.ok(Number(level) <= (exposure[name] ?? 0), `${name}: ${level}, at most ${exposure[name]}`)
  }
})

/** Directives that set no_new_privs before systemd 257 in a unit with an account of its own (systemd.exec(5)). */
const implying =
  /^(DynamicUser|LockPersonality|MemoryDenyWriteExecute|PrivateDevices|ProtectClock|ProtectHostname|ProtectKernelLogs|ProtectKernelModules|ProtectKernelTunables|RestrictAddressFamilies|RestrictNamespaces|RestrictRealtime|RestrictSUIDSGID|SystemCallArchitectures|SystemCallFilter|SystemCallLog)=/m

t.test('the unit of a service that uses sudo has no directive that would stop sudo', async t => {
  const { text = '' } = units['app store by sudo'] ?? {}
  t.match(text, /^NoNewPrivileges=no$/m)
  t.notMatch(text, implying)
  t.notMatch(text, /^(PrivateUsers|PrivateNetwork)=|^CapabilityBoundingSet=$/m)
  t.match(text, /^ReadWritePaths=\/var\/log\/privexec$/m)
  t.match(text, /^ReadWritePaths=\/var\/lib\/privexec\/staging\/appstore$/m)
})

t.test('the unit of a service that uses a socket gains no privilege and has no capability', async t => {
  const { text = '' } = units['app store by socket'] ?? {}
  t.match(text, /^NoNewPrivileges=yes$/m)
  t.match(text, /^CapabilityBoundingSet=$/m)
  t.match(text, /^Requires=privexecd-appstore\.socket$/m)
  t.match(text, implying, 'the pattern of the test above finds something here')
})

t.test('what goes along into a container is left out where containers are entered', async t => {
  const { text = '' } = units['privexecd, containers'] ?? {}
  t.match(text, /^NoNewPrivileges=no$/m)
  t.notMatch(
    text,
    /^(RestrictSUIDSGID|RestrictAddressFamilies|RestrictNamespaces|RestrictRealtime|LockPersonality|ProtectHostname|SystemCallArchitectures|PrivateNetwork|PrivateUsers)=/m,
  )
  t.match(text, /^SystemCallFilter=~/m, 'a list of what is taken away, not of what is there')
  t.match(units['privexecd, datasets']?.text, /^NoNewPrivileges=yes$/m)
  t.notMatch(units['privexecd, datasets']?.text, /CAP_(SETUID|SETFCAP|CHOWN|DAC_OVERRIDE)/)
})

t.test('control groups stay writable for the broker, and its end is the end of its operations', async t => {
  for (const name of ['privexecd, containers', 'privexecd, datasets']) {
    const { text = '' } = units[name] ?? {}
    t.notMatch(text, /^ProtectControlGroups=/m)
    t.match(text, /^Delegate=yes$/m)
    t.match(text, /^KillMode=control-group$/m)
    t.match(text, /^ExecStopPost=\+/m, 'outside the sandbox')
    t.notMatch(text, /^MemoryDenyWriteExecute=/m, 'Node could not start')
  }
})
