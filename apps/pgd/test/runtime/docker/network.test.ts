import t from 'tap'
import type { Engine } from '../../../src/runtime/docker/engine.ts'
import { EngineRefusal } from '../../../src/runtime/docker/failure.ts'
import { ensureNetwork } from '../../../src/runtime/docker/network.ts'

const closed = { Driver: 'bridge', Options: { 'com.docker.network.bridge.enable_icc': 'false' } }

/** An engine with these networks, of which another call may make one meanwhile. */
function stand(name: 'docker' | 'podman', there: object | undefined, refusal?: EngineRefusal) {
  const asked: object[] = []
  let network = there
  const engine = {
    traits: { name },
    network: async () => network,
    createNetwork: async (options: object) => {
      asked.push(options)
      network = closed
      if (refusal !== undefined) throw refusal
    },
  } as unknown as Engine
  return { engine, asked }
}

t.test('the network is made once, and closed', async s => {
  const { engine, asked } = stand('docker', undefined)
  await ensureNetwork(engine)
  await ensureNetwork(engine)
  s.match(asked, [{ Name: 'pgd-servers', ...closed }])
  s.equal(asked.length, 1)
})

t.test('of two who make it at once, both have it; another refusal is told', async s => {
  await ensureNetwork(stand('docker', undefined, new EngineRefusal(409, 'network pgd-servers already exists')).engine)
  const full = new EngineRefusal(500, 'could not find an available address pool')
  await s.rejects(ensureNetwork(stand('docker', undefined, full).engine), full)
})

t.test('an open network of this name is no place for servers', async s => {
  for (const wrong of [{ Driver: 'bridge', Options: {} }, { Driver: 'bridge' }, { ...closed, Driver: 'host' }]) {
    await s.rejects(ensureNetwork(stand('docker', wrong).engine), { code: 'PGD_FOREIGN' })
  }
})

t.test('Podman has networks of its own', async s => {
  const { engine, asked } = stand('podman', undefined)
  await ensureNetwork(engine)
  s.strictSame(asked, [])
})
