import { escapeValue } from '@broker/privexec/escape'
import { throwIfCancelled } from '../../errors/cancel.ts'
import { PgdError } from '../../errors/error.ts'
import { parseImage } from '../../names/image.ts'
import type { ServerKind } from '../runtime.ts'
import type { Engine } from './engine.ts'
import { EngineRefusal } from './failure.ts'

/** Version of the image that is taken when neither image nor version is given. */
export const defaultVersion = 17

/** What the programs of an image say of themselves: `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`. */
export const versionIn = (text: string): number | undefined => {
  const version = /\(PostgreSQL\) ([1-9]\d)[.\w]*/.exec(text)?.[1]
  return version === undefined ? undefined : Number(version)
}

/** What an image must say to be used. */
export interface ImageWish {
  readonly image?: string
  readonly version?: number
}

/**
 * The image that is wished for, `postgres:VERSION` by default, fetched when it is not here. Without a tag an engine takes
 * whatever is the newest on that day, which a project that lives on would not notice: refused with `PGD_INPUT_INVALID`.
 * `ask` runs `postgres --version` in it, for images that do not say it in PG_MAJOR. Rejects with `PGD_IMAGE_UNAVAILABLE`.
 */
export async function resolveImage(
  engine: Engine,
  wish: ImageWish,
  onStep: (step: string) => void,
  ask: (image: string) => Promise<string>,
  signal?: AbortSignal,
): Promise<ServerKind & { readonly image: string }> {
  const image = parseImage(wish.image ?? `postgres:${wish.version ?? defaultVersion}`)
  if (!/[:@][^/]*$/.test(image)) {
    const hint = { field: 'image', hint: `For example ${image}:${wish.version ?? defaultVersion}` }
    throw new PgdError('PGD_INPUT_INVALID', `The image ${image} has no tag, so it could be any version`, hint)
  }
  const found = (await engine.image(image)) ?? (await fetchImage(engine, image, onStep, signal))
  const said = (found.Config.Env ?? []).find(line => line.startsWith('PG_MAJOR='))?.slice('PG_MAJOR='.length)
  const version = /^[1-9]\d$/.test(said ?? '') ? Number(said) : versionIn(await ask(image))
  if (version === undefined) {
    throw new PgdError('PGD_IMAGE_UNAVAILABLE', `The image ${image} does not say which PostgreSQL it has`, {
      field: 'image',
    })
  }
  if (wish.version !== undefined && wish.version !== version) {
    const message = `The image ${image} has PostgreSQL ${version}, not ${wish.version}`
    throw new PgdError('PGD_IMAGE_UNAVAILABLE', message, { field: 'image' })
  }
  return { image, version }
}

async function fetchImage(engine: Engine, image: string, onStep: (step: string) => void, signal?: AbortSignal) {
  onStep(`Fetching the image ${image}`)
  try {
    await engine.pull(image, layersOf(image, onStep), signal)
    const found = await engine.image(image)
    if (found !== undefined) return found
    throw new PgdError('PGD_IMAGE_UNAVAILABLE', `The image ${image} is not here after it was fetched`)
  } catch (error) {
    throwIfCancelled(signal)
    if (!(error instanceof EngineRefusal)) throw error
    const message = `The image ${image} is not here, and cannot be fetched: ${escapeValue(error.message, 400)}`
    throw new PgdError('PGD_IMAGE_UNAVAILABLE', message, { field: 'image', stderr: error.message, cause: error })
  }
}

/** Tells of the layers that are there, out of those that the engine has begun, whenever that changes. */
function layersOf(image: string, onStep: (step: string) => void): (line: string) => void {
  const layers = new Map<string, boolean>()
  let told = ''
  return line => {
    const [, id, status = ''] = /^([0-9a-f]{12}): (.+)$/.exec(line) ?? []
    if (id === undefined) return
    layers.set(id, layers.get(id) === true || /^(?:Pull complete|Already exists)$/.test(status))
    const done = [...layers.values()].filter(Boolean).length
    const words = `Fetching the image ${image}: ${done} of ${layers.size} layers`
    if (words !== told) onStep(words)
    told = words
  }
}
