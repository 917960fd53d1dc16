import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../../../packages/privexec/test/support/property.ts'
import { readTraits } from '../../../src/runtime/docker/traits.ts'

t.test('security options are read by their names, not by what else they hold', async t => {
  const of = (...SecurityOptions: string[]) => readTraits({ SecurityOptions })
  t.match(of('name=seccomp,profile=rootless'), { isRootless: false, isRemapped: false, isLabelled: false })
  t.match(of('name=rootless'), { isRootless: true })
  t.match(of('name=userns'), { isRemapped: true })
  t.match(of('name=selinux'), { isLabelled: true })
})

t.test('Podman says so by what it adds', async t => {
  const podman = { BuildahVersion: '1.28.2', Rootless: true, SecurityOptions: ['name=seccomp'], ServerVersion: '4.3.1' }
  t.match(readTraits(podman), { name: 'podman', version: '4.3.1', isRootless: true })
  t.match(readTraits({ ServerVersion: '20.10.24' }), { name: 'docker', version: '20.10.24', isRootless: false })
})

t.test('an answer of any form is read', async t => {
  await holds(
    t,
    fc.property(fc.anything(), info => readTraits(info).name !== undefined),
  )
})
