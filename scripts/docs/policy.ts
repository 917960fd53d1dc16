import { policyJsonSchema } from '../../packages/privexec/src/render/schema.ts'

interface Node {
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

/** The page of policy files, from the JSON Schema that editors use too. */
export async function policyPage(): Promise<string> {
  const schema = (await policyJsonSchema()) as Node
  return [
    '# Policy files',
    '',
    'One YAML file per principal. `policies/schema/policy.json` is the JSON Schema of it; an editor that knows YAML',
    'schemas completes and checks with it. An unknown or repeated key is an error with line and column.',
    '',
    ...rows(schema, ''),
    '',
    '## Grants',
    '',
    'Each grant names a command; `where` has the bounds of that command. A command may be granted more than once, with',
    'different bounds.',
    '',
    ...(schema.properties?.grants?.items?.oneOf ?? schema.properties?.grants?.items?.anyOf ?? []).flatMap(grant => [
      `### \`${String(grant.properties?.command?.const)}\``,
      '',
      `${grant.description}.`,
      '',
      ...rows(grant, ''),
      '',
    ]),
    '`{name}` in a bound stands for the variable of that name; `{state}` at the beginning of `audit.file` stands for the',
    'XDG state directory of the caller.',
    '',
  ].join('\n')
}

function rows(node: Node, lead: string): string[] {
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
