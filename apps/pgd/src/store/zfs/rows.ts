/** One dataset or snapshot as zfs tells of it; a property that is not its own is not in `own`. */
export interface Row {
  readonly name: string
  readonly values: ReadonlyMap<string, string>
  /** User properties that were set on this very thing, by their names. */
  readonly own: ReadonlyMap<string, string>
}

/**
 * Reads what `zfs get -rHp -o name,property,value,source` prints, in its order. Lines of another form are left out: they
 * come from values of strangers, which zfs prints with line feeds and tabs as they are. Of a property that is there twice
 * the first counts, since zfs prints the thing itself before anything could be made up in its values.
 */
export function parseRows(text: string): ReadonlyMap<string, Row> {
  const rows = new Map<string, { name: string; values: Map<string, string>; own: Map<string, string> }>()
  for (const line of text.split('\n')) {
    const [name, property, value, source, more] = line.split('\t')
    if (!name || !property || value === undefined || source === undefined || more !== undefined) continue
    let row = rows.get(name)
    if (row === undefined) {
      row = { name, values: new Map(), own: new Map() }
      rows.set(name, row)
    }
    if (row.values.has(property)) continue
    row.values.set(property, value)
    if (source === 'local' && property.includes(':')) row.own.set(property, value)
  }
  return rows
}
