/** What a container wrote to one of its two streams. */
export interface Frame {
  readonly from: 'stdout' | 'stderr'
  readonly bytes: Buffer
}

/** Bytes before each frame: the stream, three zeros, and the length of what follows as a big-endian number. */
const headerLength = 8
const streams: Readonly<Record<number, Frame['from']>> = { 1: 'stdout', 2: 'stderr' }

/**
 * Parts the two streams that an engine sends on one connection. Bytes are given on as they come, without waiting for the
 * end of a frame, and nothing more is read while the caller is busy with them. A stream that is not of this format, or
 * ends within a frame, is an error.
 */
export async function* readFrames(source: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  let header = Buffer.alloc(0)
  let from: Frame['from'] = 'stdout'
  let left = 0
  for await (const chunk of source) {
    let rest = chunk
    while (rest.length > 0) {
      if (left > 0) {
        const bytes = rest.subarray(0, left)
        left -= bytes.length
        rest = rest.subarray(bytes.length)
        yield { from, bytes }
        continue
      }
      const more = rest.subarray(0, headerLength - header.length)
      header = Buffer.concat([header, more])
      rest = rest.subarray(more.length)
      if (header.length < headerLength) continue
      from = streamOf(header)
      left = header.readUInt32BE(4)
      header = Buffer.alloc(0)
    }
  }
  if (left > 0 || header.length > 0) throw new Error('the streams of a container ended within a frame')
}

function streamOf(header: Buffer): Frame['from'] {
  const from = streams[header.readUInt8(0)]
  if (from === undefined || header.readUIntBE(1, 3) !== 0) throw new Error('the streams of a container are not framed')
  return from
}

/** All of the two streams as one text, in the order in which it came. */
export async function readText(source: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = []
  for await (const { bytes } of readFrames(source)) parts.push(bytes)
  return Buffer.concat(parts).toString()
}
