/** What is read of a JSON Schema. */
export interface Node {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly properties?: Readonly<Record<string, Node>>
  readonly required?: readonly string[]
  readonly anyOf?: readonly Node[]
  readonly oneOf?: readonly Node[]
  readonly items?: Node
}

/** A table of the keys of a schema, those of inner maps by their path. */
export function rows(node: Node, lead: string): string[] {
  const table = lead === '' ? ['| key | | meaning |', '| --- | --- | --- |'] : []
  return [
    ...table,
    ...Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
      const path = `${lead}${key}`
      if (path === '$schema' || path === 'command') return []
      const need = node.required?.includes(key) ? 'required' : defaultText(child)
      const choices = child.enum ? ` One of: ${child.enum.map(value => `\`${value}\``).join(', ')}.` : ''
      const own =
        child.description || choices
          ? [`| \`${path}\` | ${need} | ${[child.description, choices].filter(Boolean).join('.')} |`]
          : []
      const inner = (child.anyOf ?? [child]).flatMap(option => (option.properties ? rows(option, `${path}.`) : []))
      return [...own, ...inner]
    }),
  ]
}

const defaultText = ({ default: value }: Node): string => {
  const isEmpty = value === undefined || (typeof value === 'object' && Object.keys(value as object).length === 0)
  return isEmpty ? 'optional' : `\`${String(value)}\` by default`
}
