import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const shipped = join(import.meta.dirname, '../../../apps/appstore/catalog/apps')

/** Words of names and descriptions, so that no two apps read the same. */
const words = ['small', 'quick', 'shared', 'private', 'quiet', 'plain', 'green', 'steady', 'open', 'early']

/** App whose script tells `lines` lines, one by one, when it is told to; see door.ts. */
export const talker = 'talker'

/** Writes a catalog with `count` apps: those of the package under other names, with all their files, and the talker. */
export function writeCatalog(catalog: string, count: number): void {
  const names = readdirSync(shipped)
  for (let n = 1; n < count; n++) {
    const from = join(shipped, names[n % names.length] ?? '')
    const to = join(catalog, 'apps', `app-${n}`)
    cpSync(from, to, { recursive: true })
    const title = `${words[n % 10]} ${words[Math.floor(n / 10) % 10]} ${n}`
    const text = readFileSync(join(from, 'app.yml'), 'utf8')
    const changed = text.replace(/^id: .*$/m, `id: app-${n}`).replace(/^name: .*$/m, `name: The ${title}`)
    writeFileSync(join(to, 'app.yml'), changed)
  }
  const folder = join(catalog, 'apps', talker)
  mkdirSync(join(folder, 'provision'), { recursive: true })
  writeFileSync(join(folder, 'provision/install.py'), '# stands for a script\n')
  writeFileSync(join(folder, 'app.yml'), manifest)
}

const manifest = `id: ${talker}
name: Talker
description: Its script tells much
version: "1.0.0"
categories: [tests]
lxc:
  ostemplate: debian-12
  defaults: { unprivileged: true, cores: 1, memory_mb: 256, disk_gb: 2 }
provisioning: { script: provision/install.py }
`
