import type { Broker } from '../../../packages/privexec/src/index.ts'
import type { Figure } from '../figure.ts'
import { flood } from '../policy.ts'

const megabyte = 1024 * 1024

/** How much the resident memory grows at most while output of `size` megabytes is taken by a callback. */
export async function memoryUnderFlood(broker: Broker, size: number): Promise<Figure> {
  const eighth = await growth(broker, size / 8)
  const { grown, seconds } = await growth(broker, size)
  return {
    name: `growth of memory under ${size} MB of output`,
    value: grown,
    unit: 'MB',
    target: { atMost: 64 },
    note: `under an eighth of it ${eighth.grown.toFixed(1)} MB; ${Math.round(size / seconds)} MB/s`,
  }
}

async function growth(broker: Broker, size: number): Promise<{ grown: number; seconds: number }> {
  const before = process.memoryUsage.rss()
  const began = performance.now()
  let [peak, bytes] = [before, 0]
  const onStdout = (chunk: Buffer): void => {
    bytes += chunk.length
    peak = Math.max(peak, process.memoryUsage.rss())
  }
  await broker.run(flood, { size: `${size}M` }, { onStdout })
  if (bytes !== size * megabyte) throw new Error(`${bytes} bytes came of ${size} MB`)
  return { grown: (peak - before) / megabyte, seconds: (performance.now() - began) / 1000 }
}
