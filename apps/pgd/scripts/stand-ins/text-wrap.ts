/** `wrap-ansi` for help pages, which are ASCII without colours: lines of at most `columns`, broken at spaces where possible. */
export default (text: string, columns: number): string =>
  text
    .split('\n')
    .flatMap(line => wrapLine(line, Math.max(columns, 1)))
    .join('\n')

function wrapLine(line: string, columns: number): string[] {
  const lines = ['']
  for (const word of line.trim().split(' ')) {
    const last = lines.length - 1
    const joined = lines[last] === '' ? word : `${lines[last]} ${word}`
    if (joined.length <= columns) {
      lines[last] = joined
      continue
    }
    // A word that is longer than a line begins one, and is cut.
    if (lines[last] !== '') lines.push('')
    for (let rest = word; rest !== ''; rest = rest.slice(columns)) {
      lines[lines.length - 1] = rest.slice(0, columns)
      if (rest.length > columns) lines.push('')
    }
  }
  return lines
}
