import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { insideHost } from './prepare.ts'
import { hostMissing } from './run.ts'

// These start a host of their own, so they run on the machine itself as well as in a throwaway host.
const skip = hostMissing() ?? false
const enter = join(import.meta.dirname, 'enter.sh')
const mark = `HOST_TEST_${randomBytes(8).toString('hex')}`

/** Runs a shell script in a new host; its environment carries the mark. */
const inside = (script: string, options: { cwd?: string; out?: string; input?: string } = {}) =>
  spawnSync('sh', [enter, 'sh', '-c', script], {
    encoding: 'utf8',
    cwd: options.cwd,
    input: options.input ?? '',
    env: { ...process.env, [mark]: '1', ...(options.out === undefined ? {} : { HOST_OUT: options.out }) },
  })

/** Processes whose environment has the mark; this one's has not. */
const marked = (): string[] =>
  readdirSync('/proc').filter(pid => {
    if (!/^\d+$/.test(pid)) return false
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark)
    } catch {
      return false // ended meanwhile
    }
  })

const cgroupsOf = (pid: number | undefined): string =>
  spawnSync('find', ['/sys/fs/cgroup', '-name', `throwaway-host-*-${pid}`], { encoding: 'utf8' }).stdout

const scratch = (s: Test): string => {
  const directory = mkdtempSync(join(tmpdir(), 'host-'))
  s.teardown(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

t.test('the exit status, stdin and the working directory pass through', { skip }, async s => {
  const run = inside('pwd; cat; exit 7', { cwd: '/usr/share', input: 'bytes' })
  s.equal(run.stdout, '/usr/share\nbytes')
  s.equal(run.status, 7)
  const directory = scratch(s)
  s.equal(inside('pwd', { cwd: directory }).stdout, `${directory}\n`, 'also below /tmp')
  s.equal(inside('kill -TERM $$').status, 143, 'a signal becomes 128 plus its number')
})

t.test('the only way out for a file is /out', { skip }, async s => {
  const out = scratch(s)
  inside('echo result >/out/file', { out })
  s.equal(readFileSync(join(out, 'file'), 'utf8'), 'result\n')
})

t.test('PID 1 is of the host, and its mount namespace is the host itself', { skip }, async s => {
  const run = inside('readlink /proc/1/ns/mnt /proc/self/ns/mnt; nsenter --mount=/proc/1/ns/mnt -- hostname')
  const [first, second, name] = run.stdout.split('\n')
  s.equal(first, second)
  s.not(first, spawnSync('readlink', ['/proc/1/ns/mnt'], { encoding: 'utf8' }).stdout.trim())
  s.equal(name, 'pve')
})

t.test('there is no network but loopback, no disk device, and no writable sysctl', { skip }, async s => {
  const { stdout } = inside(`
    ls /sys/class/net
    find /dev -type b | wc -l
    grep -c . /proc/sys/kernel/ostype
    sh -c 'echo 0 >/proc/sys/kernel/panic' 2>/dev/null && echo written || echo refused`)
  s.equal(stdout, 'lo\n0\n1\nrefused\n')
})

// Within a host the test files beside this one change the same paths at the same time.
const quiet = skip !== false ? skip : insideHost() ? 'runs on the machine itself' : false

const places = [
  '/',
  '/etc',
  '/usr',
  '/usr/sbin',
  '/var',
  '/var/lib',
  '/run',
  '/root',
  '/home',
  '/opt',
  '/srv',
  '/tmp',
  '/dev/shm',
]

t.test('whatever root changes inside stays inside', { skip: quiet }, async s => {
  const out = scratch(s)
  const prepare = join(import.meta.dirname, 'prepare.ts')
  const before = Date.now()
  const run = inside(
    `${process.execPath} -e 'import("${prepare}").then(m => m.prepareHost({ containers: true, zfs: true, docker: true }))' || exit 1
    for d in ${places.join(' ')}; do : >$d/${mark}; done
    rm /etc/debian_version && mv /etc/shells /etc/shells.moved && echo x >>/etc/passwd && chmod 777 /usr/bin/env
    mount -t tmpfs ${mark} /srv
    setsid sh -c 'trap "" TERM HUP INT; while :; do sleep 1; done' >/dev/null 2>&1 &
    cd /run/throwaway-host/changed && find . -mindepth 1 -printf '/%P\\0' >/out/changed`,
    { out },
  )
  s.equal(run.status, 0, run.stderr)
  const changed = readFileSync(join(out, 'changed'), 'utf8').split('\0').filter(Boolean)
  s.ok(changed.length > 100, `${changed.length} paths changed inside`)
  s.ok(changed.includes('/etc/passwd'))
  const leaked = changed.filter(path => {
    const status = lstatSync(path, { throwIfNoEntry: false })
    if (status === undefined) return false
    // Anybody may add a file to an old directory meanwhile; files of the host in it are in the list themselves.
    return (status.isDirectory() ? status.birthtimeMs : status.ctimeMs) >= before
  })
  s.strictSame(leaked, [], 'none of them changed outside')
  s.strictSame(
    places.filter(place => existsSync(join(place, mark))),
    [],
  )
  s.ok(existsSync('/etc/debian_version') && existsSync('/etc/shells'))
  s.notOk(readFileSync('/proc/self/mountinfo', 'utf8').includes(mark), 'no mount is left')
  s.strictSame(marked(), [], 'no process is left, not even one that ignores signals')
  s.equal(cgroupsOf(run.pid), '', 'no cgroup is left')
})

t.test('a host that is told to stop leaves nothing behind', { skip }, async s => {
  const child = await lasting(s)
  s.ok(marked().length > 1)
  child.kill('SIGTERM')
  await once(child, 'exit')
  s.strictSame(marked(), [])
  s.equal(cgroupsOf(child.pid), '')
})

t.test('a host whose enter.sh is killed dies with it, and the next host removes its cgroups', { skip }, async s => {
  const child = await lasting(s)
  child.kill('SIGKILL')
  await once(child, 'exit')
  // The kernel ends the rest by itself; there is nobody to wait for.
  for (let tries = 0; tries < 100 && marked().length > 0; tries++) await new Promise(resolve => setTimeout(resolve, 50))
  s.strictSame(marked(), [])
  inside('true')
  s.equal(cgroupsOf(child.pid), '')
})

/** A host that runs until it is stopped, with a process that ignores the polite signals. */
async function lasting(s: Test): Promise<ChildProcess> {
  const script = 'setsid sh -c \'trap "" TERM HUP INT; echo ready; while :; do sleep 1; done\' & wait'
  const child = spawn('sh', [enter, 'sh', '-c', script], {
    env: { ...process.env, [mark]: '1' },
    stdio: ['ignore', 'pipe', 'ignore'], // the shell's "Killed"
  })
  s.teardown(() => {
    for (const pid of marked()) process.kill(Number(pid), 'SIGKILL')
    child.stdout.destroy()
  })
  await Promise.race([once(createInterface(child.stdout), 'line'), once(child, 'exit')])
  if (child.exitCode !== null) throw new Error(`no host: exit ${child.exitCode}`)
  return child
}
