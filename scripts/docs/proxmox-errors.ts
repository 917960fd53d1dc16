import { errorRegistry } from '../../packages/proxmox/src/errors/registry.ts'
import { adviceList } from './registry.ts'

/** The page of error codes of the Proxmox client, from the registry. */
export function proxmoxErrorsPage(): string {
  return [
    '# Errors of the Proxmox client',
    '',
    'Every error of the library is a `ProxmoxError` with one of these codes, a message, `advice`, and exactly one true boolean',
    'for the reason. `mayHaveRun` tells whether a change may have been made although the call failed. Where Proxmox answered,',
    'there are `status`, `statusText` and `answer`, and `parameters` with its word on each.',
    '',
    '| code | reason | meaning |',
    '| --- | --- | --- |',
    ...Object.entries(errorRegistry).map(
      ([code, { reason, summary }]) =>
        `| \`${code}\` | \`is${reason.charAt(0).toUpperCase()}${reason.slice(1)}\` | ${summary} |`,
    ),
    '',
    '## What to do',
    '',
    ...adviceList(errorRegistry),
    '',
  ].join('\n')
}
