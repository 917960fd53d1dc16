import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../../../packages/privexec/test/support/property.ts'
import { readTraits } from '../../../src/runtime/docker/traits.ts'

t.test('security options are read by their names, not by what else they hold', async t => {
  const of = (...SecurityOptions: string[]) => readTraits({ SecurityOptions }, {})
  t.match(of('name=seccomp,profile=rootless'), { isRootless: false, isRemapped: false, isLabelled: false })
  t.match(of('name=rootless'), { isRootless: true })
  t.match(of('name=userns'), { isRemapped: true })
  t.match(of('name=selinux'), { isLabelled: true })
})

t.test('Podman says so among its components', async t => {
  t.match(readTraits({}, { Version: '4.3.1', Components: [{ Name: 'Podman Engine' }, { Name: 'Conmon' }] }), {
    name: 'podman',
    version: '4.3.1',
  })
  t.equal(readTraits({ SecurityOptions: ['name=seccomp'], Rootless: true }, {}).isRootless, true)
  t.equal(readTraits({}, { Components: [{ Name: 'Engine' }] }).name, 'docker')
})

t.test('an answer of any form is read', async t => {
  await holds(
    t,
    fc.property(fc.anything(), fc.anything(), (info, version) => readTraits(info, version).name !== undefined),
  )
})
