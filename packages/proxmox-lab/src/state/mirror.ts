import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileText } from './config.ts'
import type { State } from './types.ts'

/**
 * Writes what a real node has below /etc/pve and what guards of programs of root read: a file for each container, and
 * `user.cfg` with the pools. Files that are equal already are left alone; containers that the lab does not know, too,
 * unless it has written them.
 */
export function mirrorTo(directory: string, node: string): (state: State) => void {
  const written = new Set<string>()
  const folder = join(directory, 'nodes', node, 'lxc')
  mkdirSync(folder, { recursive: true })
  if (!existsSync(join(directory, 'lxc'))) symlinkSync(`nodes/${node}/lxc`, join(directory, 'lxc'))
  return state => {
    const wanted = new Map<string, string>()
    for (const [vmid, guest] of Object.entries(state.guests))
      if (guest.kind === 'lxc') wanted.set(`${vmid}.conf`, fileText(guest))
    for (const [name, text] of wanted) {
      written.add(name)
      writeIfChanged(join(folder, name), text)
    }
    for (const name of readdirSync(folder))
      if (written.has(name) && !wanted.has(name)) {
        rmSync(join(folder, name), { force: true })
        written.delete(name)
      }
    writeIfChanged(join(directory, 'user.cfg'), usersText(state))
  }
}

/** Users and pools, one line each. */
function usersText(state: State): string {
  const users = Object.entries(state.users).map(
    ([id, { enable, expire = 0 }]) => `user:${id}:${enable}:${expire}:::::\n`,
  )
  const pools = Object.entries(state.pools).map(
    ([id, { comment = '', guests, storages }]) =>
      `pool:${id}:${comment.replaceAll(/[:\n]/g, ' ')}:${guests.join(',')}:${storages.join(',')}:\n`,
  )
  return `${users.join('')}\n${pools.join('')}`
}

function writeIfChanged(file: string, text: string): void {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return
  writeFileSync(`${file}.new`, text, { mode: 0o640 })
  renameSync(`${file}.new`, file)
}
