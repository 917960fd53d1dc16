import t from 'tap'
import { engineSockets } from '../../../src/runtime/docker/sockets.ts'

t.test('the engine that the environment names is the only one', async t => {
  t.strictSame(engineSockets({ DOCKER_HOST: 'unix:///x/y.sock', XDG_RUNTIME_DIR: '/run/user/1000' }), ['/x/y.sock'])
})

t.test('an engine of another machine is refused, since it has not the files of this one', async t => {
  for (const DOCKER_HOST of ['tcp://10.0.0.1:2375', 'ssh://host', 'unix://relative', 'nonsense', 'unix://']) {
    t.throws(
      () => engineSockets({ DOCKER_HOST }),
      { code: 'PGD_RUNTIME_UNAVAILABLE', field: 'DOCKER_HOST' },
      DOCKER_HOST,
    )
  }
})

t.test('else the usual places are tried, those of this account too where it has any', async t => {
  t.strictSame(engineSockets({}), ['/var/run/docker.sock', '/run/podman/podman.sock'])
  t.strictSame(engineSockets({ DOCKER_HOST: '', XDG_RUNTIME_DIR: '/run/user/7' }), [
    '/var/run/docker.sock',
    '/run/user/7/docker.sock',
    '/run/user/7/podman/podman.sock',
    '/run/podman/podman.sock',
  ])
})
