/**
 * What PostgreSQL's programs get of the environment: where programs are, which `archive_command` needs, and no setting
 * or secret of this process. Their messages are English, since some are read.
 */
export function environment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TZ', 'TMPDIR'].flatMap(name => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return { PATH: '/usr/bin:/bin', ...Object.fromEntries(kept), LC_ALL: 'C', ...more }
}
