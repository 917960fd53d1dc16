import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, renameSync, rmSync, writeFileSync } from 'node:fs'

const directory = '/etc/sudoers.d'

/** An installed file below /etc/sudoers.d. */
export interface DropIn {
  readonly name: string
  readonly path: string
}

const pathOf = (name: string): string => {
  // sudo skips names with a dot or a trailing tilde without a word.
  if (!/^[A-Za-z0-9_-]+$/.test(name)) throw new Error(`not a name that sudo reads: ${JSON.stringify(name)}`)
  return `${directory}/${name}`
}

/** Installs rules as 0440 root:root, checked by visudo first and put in place by rename. Throws what visudo says. */
export function installDropIn(name: string, text: string): DropIn {
  const path = pathOf(name)
  // The dot keeps sudo from reading the unchecked file.
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, text, { mode: 0o440, flag: 'wx' })
  try {
    chownSync(draft, 0, 0)
    chmodSync(draft, 0o440)
    const check = spawnSync('/usr/sbin/visudo', ['-cf', draft], { encoding: 'utf8' })
    if (check.status !== 0) throw new Error(`visudo refuses ${name}:\n${check.stdout}${check.stderr}`)
    renameSync(draft, path)
  } finally {
    rmSync(draft, { force: true })
  }
  return { name, path }
}

/** Takes rules away; none being there is fine. */
export function removeDropIn(name: string): void {
  rmSync(pathOf(name), { force: true })
}

const nsenter = String.raw`/usr/bin/nsenter --mount\=/proc/1/ns/mnt --`

/** The wildcard rules that programs of this kind ship today: the baseline that an attack must succeed against. */
export const starRules: string = `\
appstore ALL=(root) NOPASSWD: ${nsenter} /usr/sbin/pct exec *
appstore ALL=(root) NOPASSWD: ${nsenter} /usr/sbin/pct push *
%pgd ALL=(root) NOPASSWD: /usr/sbin/zfs mount *
%pgd ALL=(root) NOPASSWD: /usr/sbin/zfs unmount *
%pgd ALL=(root) NOPASSWD: ${nsenter} /usr/sbin/zfs mount *
%pgd ALL=(root) NOPASSWD: ${nsenter} /usr/sbin/zfs unmount *
`
