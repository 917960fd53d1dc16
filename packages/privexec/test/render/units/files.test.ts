import fc from 'fast-check'
import t from 'tap'
import { apparmorFiles, portableFiles, systemdFiles } from '../../../src/render/files.ts'
import { renderAppService } from '../../../src/render/units/app-service.ts'
import { renderBrokerProfile } from '../../../src/render/units/apparmor.ts'
import { defaultNode, plainPath } from '../../../src/render/units/paths.ts'
import { renderService } from '../../../src/render/units/service.ts'
import { boundingSet, reachOf } from '../../../src/render/units/service-sandbox.ts'
import { renderSysusers } from '../../../src/render/units/sysusers.ts'
import { directoriesOf, renderTmpfiles } from '../../../src/render/units/tmpfiles.ts'
import { holds } from '../../support/property.ts'
import { appstoreByDaemon, appstoreBySudo, pgdByDaemon, pgdPortable, pgdWithVerbs } from './support.ts'

t.test('each transport has its own files', async t => {
  const paths = (policy: typeof pgdPortable) =>
    [systemdFiles, apparmorFiles, portableFiles].map(files => files(policy, defaultNode).map(({ path }) => path))
  t.same(paths(appstoreBySudo), [[], [], []])
  t.same(paths(pgdPortable), [[], [], ['/usr/libexec/privexec/call-pgd']])
  t.same(paths(pgdByDaemon), [
    [
      '/etc/sysusers.d/privexec-pgd.conf',
      '/etc/tmpfiles.d/privexec-pgd.conf',
      '/etc/systemd/system/privexecd-pgd.service',
      '/etc/systemd/system/privexecd-pgd.socket',
    ],
    ['/etc/apparmor.d/privexecd-pgd'],
    [],
  ])
})

t.test('only the principal’s group enters the directory of the socket, and only root that of the content', async t => {
  const shape = (path: string) => {
    const { mode, group } = directoriesOf(pgdByDaemon).find(each => each.path === path) ?? {}
    return `${mode?.toString(8)} ${group}`
  }
  t.equal(shape('/run/privexec'), '755 root')
  t.equal(shape('/run/privexec/pgd'), '750 pgd')
  t.equal(shape('/var/lib/privexec/staging/pgd/drop'), '700 root')
  t.equal(shape('/var/log/privexec/pgd'), '750 root')
  t.match(renderTmpfiles(pgdByDaemon), /^d \/run\/privexec\/pgd 0750 root pgd -$/m)
  t.notMatch(renderTmpfiles(pgdPortable), /\/run\//)
})

t.test('an account is made for a service, a group for a group, and nothing for a person', async t => {
  t.match(renderSysusers(appstoreByDaemon), /^u appstore - ".*" \/var\/lib\/appstore \/usr\/sbin\/nologin$/m)
  t.match(renderSysusers(pgdByDaemon), /^g pgd -$/m)
  const principal = { kind: 'user', name: 'alice', service: false } as const
  t.equal(renderSysusers({ ...pgdByDaemon, principal }), undefined)
})

t.test(
  'a policy with one grant for a container gets the sandbox of containers, with /dev/zfs if it has a dataset',
  async t => {
    t.equal(reachOf(pgdByDaemon), 'datasets')
    const grants = [...pgdByDaemon.grants, ...appstoreByDaemon.grants]
    const both = { ...pgdByDaemon, grants }
    t.equal(reachOf(both), 'containers')
    t.match(renderService(both), /^DeviceAllow=\/dev\/zfs rw$/m)
    t.notMatch(renderService(appstoreByDaemon), /zfs/)
    const service = { principal: appstoreBySudo.principal, grants: pgdByDaemon.grants }
    t.match(renderAppService({ ...appstoreBySudo, ...service }), /^DeviceAllow=\/dev\/zfs rw$/m)
    t.notMatch(renderAppService({ ...appstoreByDaemon, ...service }), /zfs/)
  },
)

t.test('the capability for privileged containers is there when the policy allows them', async t => {
  const [first, ...rest] = appstoreByDaemon.grants
  if (!first) throw new Error('no grant')
  const allowing = {
    ...appstoreByDaemon,
    grants: [{ ...first, settings: { ...first.settings, privileged: true } }, ...rest],
  }
  t.notOk(boundingSet(appstoreByDaemon).includes('CAP_SETPCAP'))
  t.ok(boundingSet(allowing).includes('CAP_SETPCAP'))
})

t.test('who gives datasets to accounts has the sandbox of datasets, and one capability more', async t => {
  t.equal(reachOf(pgdWithVerbs), 'datasets')
  t.strictSame(boundingSet(pgdWithVerbs), [...boundingSet(pgdByDaemon), 'CAP_CHOWN'])
  t.match(renderBrokerProfile(pgdWithVerbs), /^ {2}\/\{usr\/,\}bin\/chown mrix,$/m)
  t.notMatch(renderBrokerProfile(pgdByDaemon), /chown/)
  const both = { ...pgdWithVerbs, grants: [...pgdWithVerbs.grants, ...appstoreByDaemon.grants] }
  t.strictSame(boundingSet(both), boundingSet(appstoreByDaemon), 'which the other sandbox has already')
})

t.test('no path of a policy becomes a line of a unit', async t => {
  const odd = fc.constantFrom('\n', ' ', '%', '"', '\\', '$', ';', '#', '\t', '\r', '*', '{', 'é', '\u0000')
  const path = fc.tuple(fc.string(), odd, fc.string()).map(parts => `/${parts.join('')}/audit.jsonl`)
  const property = fc.property(path, file => {
    try {
      renderService({ ...pgdByDaemon, audit: { file } })
      return false
    } catch (error) {
      return (error as { code?: string }).code === 'PRIVEXEC_POLICY_INVALID'
    }
  })
  await holds(t, property)
  t.equal(plainPath('/opt/node-v24.1.0_x@y+z/bin/node'), '/opt/node-v24.1.0_x@y+z/bin/node')
})
