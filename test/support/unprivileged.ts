/**
 * Words before a command that make it run as nobody. A test that runs as root keeps the right to read, since the
 * checkout may lie in root's home; it may do nothing else.
 */
export const unprivileged: readonly string[] =
  process.getuid?.() === 0
    ? [
        'setpriv',
        '--reuid=65534',
        '--regid=65534',
        '--clear-groups',
        ...['inh-caps', 'ambient-caps', 'bounding-set'].map(set => `--${set}=-all,+dac_read_search`),
        '--',
      ]
    : []
