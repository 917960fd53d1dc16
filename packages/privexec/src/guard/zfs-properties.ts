/** The value of a property, and where it comes from: `local`, `default`, `inherited from tank/pgd`, `received`, `-`. */
export interface Property {
  readonly value: string
  readonly source: string
}

/** Properties of datasets, by the name of the dataset and of the property. */
export type Properties = ReadonlyMap<string, ReadonlyMap<string, Property>>

/**
 * Reads what `zfs get -Hp -o name,property,value,source` prints: four fields between tabs. Undefined for anything else:
 * zfs prints values as they are, so one with a tab or a line feed in it could pass for another property.
 */
export function parseProperties(text: string): Properties | undefined {
  const all = new Map<string, Map<string, Property>>()
  const lines = text.split('\n')
  if (lines.pop() !== '') return undefined
  for (const line of lines) {
    const [name, property, value = '', source, ...more] = line.split('\t')
    if (!name || !property || !source || more.length > 0) return undefined
    const known = all.get(name) ?? new Map<string, Property>()
    if (known.has(property)) return undefined
    all.set(name, known.set(property, { value, source }))
  }
  return all
}
