import { policyJsonSchema } from '../../packages/privexec/src/render/schema.ts'
import { type Node, rows } from './schema-rows.ts'

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
