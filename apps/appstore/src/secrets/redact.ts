/** Shorter values would hide half of a log and are guessed anyway. */
const shortest = 4

const shown = '***'

/**
 * Makes a function that hides values in texts, as they are, and as JSON, a URL or base 64 has them. Values of fewer than
 * four characters are not hidden.
 */
export function redactor(secrets: Iterable<string>): (text: string) => string {
  const spellings = new Set<string>()
  for (const secret of secrets) {
    if (secret.length < shortest) continue
    for (const line of [secret, ...secret.split(/\r?\n/)]) if (line.length >= shortest) spellings.add(line)
    spellings.add(JSON.stringify(secret).slice(1, -1))
    spellings.add(encodeURIComponent(secret))
    for (const spelling of base64(secret)) spellings.add(spelling)
  }
  const longestFirst = [...spellings].sort((a, b) => b.length - a.length)
  return text => longestFirst.reduce((left, spelling) => left.replaceAll(spelling, shown), text)
}

/** Without the characters at the ends that depend on what stands beside the secret. */
function* base64(secret: string): Iterable<string> {
  const bytes = Buffer.from(secret)
  for (const shift of [0, 1, 2]) {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const inner = text.slice(shift === 0 ? 0 : shift + 1, text.length - ((shift + bytes.length) % 3 === 0 ? 0 : 1))
    if (inner.length >= 8) yield inner
  }
}
