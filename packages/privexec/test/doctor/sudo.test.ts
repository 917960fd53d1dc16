import { gzipSync } from 'node:zlib'
import t from 'tap'
import { sudoCheck } from '../../src/doctor/sudo.ts'
import { comparablePatch, flaws, flawsOf } from '../../src/doctor/sudo-cves.ts'
import { contextOf, messages } from './support/context.ts'
import { pretend } from './support/machine.ts'

/** A machine with a sudo; `newer` is what dpkg says to "is it at least the patched version". */
const withSudo = (version: string, dpkg?: string, newer = false) => ({
  run: ([file, ...args]: readonly string[]) => {
    if (file === '/usr/bin/sudo') return version
    if (file === '/usr/bin/dpkg-query' && dpkg) return `Package: sudo\nVersion: ${dpkg}\n`
    if (file === '/usr/bin/dpkg' && args[0] === '--compare-versions') return { exitCode: newer ? 0 : 1 }
    return undefined
  },
})

t.test('sudo-rs, a sudo without patterns, and no sudo at all are errors', async t => {
  const of = async (version: string) => messages(await sudoCheck(contextOf(withSudo(version))), 'error')
  t.match(await of('sudo-rs 0.2.8\n'), [/is sudo-rs 0\.2\.8, which knows no patterns/])
  t.match(await of('Sudo version 1.9.9\n'), [/sudo 1\.9\.9 knows no patterns/])
  t.match(await of('Sudo version 1.9.5p1\n'), [/knows no patterns/])
  t.match(await of('doas\n'), [/does not name a sudo/])
  t.match(messages(await sudoCheck(contextOf({})), 'error'), [/cannot be started/])
  t.strictSame(await of('Sudo version 1.9.18\n'), [])
})

t.test('each flaw is in the versions of its advisory', async t => {
  const ids = (version: string) => flawsOf(version).map(({ id }) => id)
  t.strictSame(ids('1.9.18'), [])
  t.strictSame(ids('1.9.17p1'), ['CVE-2026-35535'])
  t.strictSame(ids('1.9.17'), ['CVE-2025-32462', 'CVE-2025-32463', 'CVE-2026-35535'])
  t.ok(ids('1.9.14').includes('CVE-2025-32463'))
  t.strictSame(ids('1.9.13p3'), ['CVE-2025-32462', 'CVE-2026-35535'])
  t.strictSame(ids('1.9.12p1'), ['CVE-2023-22809', 'CVE-2025-32462', 'CVE-2026-35535'])
  t.ok(ids('1.9.5p1').includes('CVE-2021-3156'))
  t.notOk(ids('1.9.5p2').includes('CVE-2021-3156'))
})

t.test(
  'a patched package is told by its changelog, then by its version; otherwise only upstream is judged',
  async t => {
    const flawed = 'Sudo version 1.9.16p2\n'
    const look = async (dpkg?: string, newer?: boolean) => sudoCheck(contextOf(withSudo(flawed, dpkg, newer)))
    t.match(messages(await look(), 'warning')[0], /only upstream's version can be judged/)
    t.match(messages(await look('1.9.16p2-1', false), 'error'), [/CVE-2025-32462/, /CVE-2025-32463/])
    const patched = await look('1.9.16p2-3', true)
    t.strictSame(messages(patched, 'error'), [])
    t.match(messages(patched, 'ok').join('\n'), /is patched for CVE-2025-32463/)
    t.match(messages(patched, 'warning'), [/CVE-2026-35535 .* is not known here/])

    const told = contextOf(withSudo(flawed, '1.9.16p2-1+local1'))
    const machine = { ...told.machine, read: async () => ({ value: gzipSync('  * fixes CVE-2025-32463\n') }) }
    const list = await sudoCheck({ ...told, machine })
    t.match(messages(list, 'ok').join('\n'), /changelog of package .* names the patch for CVE-2025-32463/)
    t.match(messages(list, 'error'), [/CVE-2025-32462/])
  },
)

t.test('revisions of two distributions are not compared with each other', async t => {
  const flaw = flaws.find(({ id }) => id === 'CVE-2025-32463')
  const patch = (installed: string) => flaw && comparablePatch(flaw, installed)
  t.equal(patch('1.9.16p2-2'), '1.9.16p2-3')
  t.equal(patch('1.9.15p5-3ubuntu5'), undefined)
  t.equal(patch('1.9.15p5-3ubuntu5.24.04'), '1.9.15p5-3ubuntu5.24.04.1')
  t.equal(patch('1.9.14-1'), undefined)
})

t.test('a sudo that is not setuid root is an error', async t => {
  const base = contextOf(withSudo('Sudo version 1.9.18\n'))
  const look = async (mode: number, uid = 0) => {
    const { look } = pretend({ files: { '/usr/bin/sudo': { mode, uid } } })
    return messages(await sudoCheck({ ...base, machine: { ...base.machine, look } }), 'error')
  }
  t.match(await look(0o755), [/not setuid root/])
  t.match(await look(0o4755, 7), [/not setuid root/])
  t.strictSame(await look(0o4755), [])
})
