import t from 'tap'
import type { Engine } from '../../../src/runtime/docker/engine.ts'
import { EngineRefusal } from '../../../src/runtime/docker/failure.ts'
import { type ImageWish, resolveImage, versionIn } from '../../../src/runtime/docker/image.ts'

/** An engine with some images, each with its environment, and some that it can fetch. */
function stand(here: Record<string, string[]>, there: Record<string, string[]> = {}) {
  const images = new Map(Object.entries(here))
  const steps: string[] = []
  const ran: string[] = []
  const engine = {
    image: async (name: string) => (images.has(name) ? { Config: { Env: images.get(name) } } : undefined),
    pull: async (name: string, onLine: (line: string) => void) => {
      const env = there[name]
      if (env === undefined) throw new EngineRefusal(404, `pull access denied for ${name}`)
      const [a, b] = ['0'.repeat(12), '1'.repeat(12)]
      for (const status of ['17: Pulling from library/postgres', `${a}: Already exists`, `${b}: Pulling fs layer`])
        onLine(status)
      for (const status of ['Downloading', 'Downloading', 'Download complete', 'Pull complete'])
        onLine(`${b}: ${status}`)
      onLine('Status: Downloaded newer image')
      images.set(name, env)
    },
  } as unknown as Engine
  const ask = async (image: string): Promise<string> => {
    ran.push(image)
    return 'postgres (PostgreSQL) 16.2 (Debian 16.2-1)\n'
  }
  const resolve = (wish: ImageWish, signal?: AbortSignal) =>
    resolveImage(engine, wish, step => steps.push(step), ask, signal)
  return { resolve, steps, ran }
}

t.test('the image is the one that was asked for, by version or by name', async t => {
  const { resolve, ran } = stand({
    'postgres:15': ['PG_MAJOR=15'],
    'postgres:17': ['PG_MAJOR=17'],
    'team/db:1': ['A=b'],
  })
  t.strictSame(await resolve({ version: 15 }), { image: 'postgres:15', version: 15 })
  t.strictSame(await resolve({}), { image: 'postgres:17', version: 17 }, 'a version is chosen where none is given')
  t.strictSame(ran, [])
  t.strictSame(await resolve({ image: 'team/db:1' }), { image: 'team/db:1', version: 16 })
  t.strictSame(ran, ['team/db:1'], 'one that does not say its version is asked')
})

t.test('an image that could be any version is refused', async t => {
  const { resolve } = stand({ postgres: ['PG_MAJOR=15'], 'registry:5000/db': ['PG_MAJOR=15'] })
  for (const image of ['postgres', 'registry:5000/db']) {
    await t.rejects(resolve({ image }), { code: 'PGD_INPUT_INVALID', field: 'image' })
  }
  const digest = `db@sha256:${'0'.repeat(64)}`
  t.strictSame(await stand({ [digest]: ['PG_MAJOR=15'] }).resolve({ image: digest }), { image: digest, version: 15 })
})

t.test('an image that is not here is fetched, and a person hears of it', async t => {
  const { resolve, steps } = stand({}, { 'postgres:17': ['PG_MAJOR=17'] })
  t.strictSame(await resolve({ version: 17 }), { image: 'postgres:17', version: 17 })
  const words = 'Fetching the image postgres:17'
  t.strictSame(steps, [words, `${words}: 1 of 1 layers`, `${words}: 1 of 2 layers`, `${words}: 2 of 2 layers`])
  await t.rejects(resolve({ image: 'nowhere:1' }), { code: 'PGD_IMAGE_UNAVAILABLE', message: /pull access denied/ })
})

t.test('an image of another version than was asked for is refused', async t => {
  const { resolve } = stand({ 'team/db:1': ['PG_MAJOR=15'] })
  const message = 'The image team/db:1 has PostgreSQL 15, not 17'
  await t.rejects(resolve({ image: 'team/db:1', version: 17 }), { code: 'PGD_IMAGE_UNAVAILABLE', message })
})

t.test('the version is the one of PostgreSQL, not of a package', async t => {
  t.equal(versionIn('postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)'), 15)
  t.equal(versionIn('postgres (PostgreSQL) 18beta1'), 18)
  for (const text of ['', 'postgres 15', 'postgres (EnterpriseDB) 15.1', 'sh: postgres: not found'])
    t.equal(versionIn(text), undefined)
})
