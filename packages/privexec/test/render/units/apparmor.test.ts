import { readFileSync } from 'node:fs'
import t from 'tap'
import { renderAppProfile, renderBrokerProfile } from '../../../src/render/units/apparmor.ts'
import { appstoreByDaemon, appstoreBySudo, pgdByDaemon, pgdPortable, withFiles } from './support.ts'

const parser = '/usr/sbin/apparmor_parser'
const profiles = {
  'broker of containers': renderBrokerProfile(appstoreByDaemon),
  'broker of datasets': renderBrokerProfile(pgdByDaemon),
  'service by socket': renderAppProfile(appstoreByDaemon) ?? '',
  'service by sudo': renderAppProfile(appstoreBySudo) ?? '',
}
const { missing } = withFiles({}, parser, ['--version'])
const skip = missing ? `${parser} is not installed` : false

/** Compiles, loads nothing, and takes the features of the kernel from the profile's own version of the language. */
const options = ['--skip-kernel-load', '--skip-cache', '--policy-features', '/etc/apparmor.d/abi/3.0']

t.test('AppArmor compiles every profile', { skip }, async t => {
  for (const [name, profile] of Object.entries(profiles)) {
    const { status, stderr } = withFiles({ profile }, parser, [...options, 'profile'])
    t.equal(status, 0, `${name}: ${stderr}`)
  }
  t.not(withFiles({ profile: 'profile a { /x bogus, }' }, parser, [...options, 'profile']).status, 0)
})

t.test('nsenter leaves the profile where what it enters has one of its own, and nowhere else', async t => {
  t.match(profiles['broker of containers'], /^ {2}\/usr\/bin\/nsenter Ux,$/m)
  t.match(profiles['broker of datasets'], /^ {2}\/usr\/bin\/nsenter mrix,$/m)
  t.notMatch(profiles['broker of datasets'], /[UuPp]x,$/m)
})

t.test('the broker may run every program that end-operation calls', async t => {
  const script = readFileSync(new URL('../../../libexec/end-operation', import.meta.url), 'utf8')
  // Neither comments nor the program of awk hold commands.
  const code = script.replaceAll(/^ *#.*$/gm, '').replaceAll(/'[^']*'/g, "''")
  const words = 'case do echo elif exit export for if kill printf set while'.split(' ')
  const functions = [...code.matchAll(/^([a-z_]+)\(\)/gm)].map(([, name = '']) => name)
  const programs = [...code.matchAll(/(?:^ *|[|&] |\$\()([a-z_]+) /gm)]
    .map(([, name = '']) => name)
    .filter(name => ![...words, ...functions].includes(name))
  t.ok(['ps', 'readlink', 'sort'].every(name => programs.includes(name)))
  for (const profile of [profiles['broker of containers'], profiles['broker of datasets']]) {
    const allowed = /^ {2}\/\{usr\/,\}bin\/\{(.*)\} mrix,$/m.exec(profile)?.[1]?.split(',') ?? []
    for (const program of new Set(programs)) t.ok(allowed.includes(program), program)
  }
})

t.test('the service reaches root by its socket, or by sudo, never by both', async t => {
  t.match(profiles['service by socket'], /\/run\/privexec\/appstore\/socket rw,/)
  t.notMatch(profiles['service by socket'], /sudo/)
  t.match(profiles['service by sudo'], /\/usr\/bin\/sudo Ux,/)
  t.notMatch(profiles['service by sudo'], /socket rw/)
  t.equal(renderAppProfile(pgdPortable), undefined)
})
