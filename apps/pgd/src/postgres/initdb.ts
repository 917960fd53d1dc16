import type { Layout } from '../runtime/runtime.ts'

/** How texts of a new database are compared: by code point, or by the rules of Unicode. */
export type Collation = 'C' | 'icu'

/**
 * Words of initdb for a new cluster: checksums, UTF-8, and no authentication of its own that lets anybody in, although
 * our pg_hba.conf replaces it. Code point order comes from the server itself since version 17, and from the system's
 * C.UTF-8 before, which Debian and musl both have. ICU is known from version 15 on; earlier ones get code points.
 */
export function initdbArgv(
  layout: Pick<Layout, 'data'>,
  version: number,
  collation: Collation = 'C',
): [string, ...string[]] {
  const locale =
    collation === 'icu' && version >= 15
      ? ['--locale=C.UTF-8', '--locale-provider=icu', '--icu-locale=und']
      : version >= 17
        ? ['--locale=C.UTF-8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
        : ['--locale=C.UTF-8']
  const auth = ['--auth-local=peer', '--auth-host=scram-sha-256']
  return [
    'initdb',
    `--pgdata=${layout.data}`,
    '--username=postgres',
    ...auth,
    '--data-checksums',
    '--encoding=UTF8',
    ...locale,
    '--lc-messages=C',
  ]
}
