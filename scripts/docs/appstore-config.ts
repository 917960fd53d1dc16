import { configJsonSchema } from '../../apps/appstore/src/config/json-schema.ts'
import { type Node, rows } from './schema-rows.ts'

/** The page of the daemon's configuration, from the JSON Schema that editors use too. */
export function appstoreConfigPage(): string {
  const schema = configJsonSchema() as Node
  const sources = schema.properties?.catalog?.properties?.sources?.items
  const [git, directory] = sources?.anyOf ?? []
  return [
    '# Configuration of the app store',
    '',
    '`/etc/appstore/config.yml`, or what `appstore serve --config` names: YAML that belongs to root or the account of the',
    'daemon, and that nobody else may write. An unknown or repeated key is an error with line and column, and all errors are',
    'told at once. [Its JSON Schema](appstore-config.schema.json) is for editors. The range of ids is not here: it is that of',
    'the policy, which root enforces.',
    '',
    ...rows(schema, ''),
    '',
    '`proxmox` needs `ca` or `fingerprint`, so that the daemon knows the node; `listen.certificate` and `listen.key` go',
    'together.',
    '',
    '## Catalog sources',
    '',
    'Entries of `catalog.sources`; with more than one, the first that has an app wins. A git repository:',
    '',
    ...rows(git ?? {}, ''),
    '',
    'Or a directory of this machine, for the authors of apps:',
    '',
    ...rows(directory ?? {}, ''),
    '',
    '## Example',
    '',
    '```yaml',
    'pool: appstore',
    'proxmox:',
    '  url: https://127.0.0.1:8006',
    '  token_file: /etc/appstore/token',
    '  ca: /etc/pve/pve-root-ca.pem',
    'listen: { address: 0.0.0.0, names: [store.example.org] }',
    'defaults:',
    '  storage: local-zfs',
    '  network: { bridge: vmbr0, ipv4: dhcp }',
    'catalog:',
    '  sources:',
    '    - { name: main, url: "https://git.example.org/apps.git" }',
    '```',
    '',
  ].join('\n')
}
