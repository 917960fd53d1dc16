/** Bytes of a line; what is longer is cut. The runner's own lines are far shorter. */
export const longestLine = 64 * 1024

/**
 * Cuts a stream of bytes into lines of UTF-8, whatever comes: no line and no buffer grows beyond a bound, and bytes that
 * are no text become replacement characters. Returns functions for the next chunk and for the end.
 */
export function lineReader(onLine: (line: string) => void): {
  readonly push: (chunk: Uint8Array) => void
  readonly end: () => void
} {
  let parts: Uint8Array[] = []
  let length = 0
  const take = (bytes: Uint8Array): void => {
    const room = longestLine - length
    if (room <= 0) return
    parts.push(bytes.length > room ? bytes.subarray(0, room) : bytes)
    length += Math.min(bytes.length, room)
  }
  const flush = (): void => {
    const bytes = Buffer.concat(parts)
    parts = []
    length = 0
    onLine(new TextDecoder().decode(bytes.at(-1) === 13 ? bytes.subarray(0, -1) : bytes))
  }
  return {
    push: chunk => {
      let from = 0
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
        take(chunk.subarray(from, at))
        flush()
        from = at + 1
      }
      // A copy: the transport may use its buffer again.
      if (from < chunk.length) take(chunk.slice(from))
    },
    end: () => {
      if (length > 0) flush()
    },
  }
}
