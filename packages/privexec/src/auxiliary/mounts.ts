/** One mount of a namespace. */
export interface Mount {
  readonly point: string
  readonly type: string
  readonly source: string
  /** Options of the mount and of its file system. */
  readonly options: readonly string[]
  /** Whether nothing can be written through this mount. */
  readonly readOnly: boolean
}

/** Reads /proc/PID/mountinfo (proc(5)), in its order: a later mount covers an earlier one at the same place. */
export function parseMounts(text: string): Mount[] {
  return text
    .split('\n')
    .filter(Boolean)
    .flatMap(line => {
      const [left = '', right = ''] = line.split(' - ')
      const [, , , , point, options = ''] = left.split(' ')
      const [type = '', source = '', more = ''] = right.split(' ')
      if (point === undefined) return []
      const both = [options.split(','), more.split(',')]
      const readOnly = both.some(list => list.includes('ro'))
      return [{ point: unescapeOctal(point), type, source: unescapeOctal(source), options: both.flat(), readOnly }]
    })
}

/** The mount through which a path is seen. */
export const mountOf = (mounts: readonly Mount[], path: string): Mount | undefined =>
  mounts.reduce<Mount | undefined>((best, mount) => {
    const inside = path === mount.point || path.startsWith(mount.point === '/' ? '/' : `${mount.point}/`)
    return inside && mount.point.length >= (best?.point.length ?? 0) ? mount : best
  }, undefined)

/** A text of mountinfo(5), in which blanks, tabs, line feeds and backslashes stand as octal numbers. */
export const unescapeOctal = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)))
