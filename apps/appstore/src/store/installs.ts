import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { InstallId } from '../model/id.ts'
import type { Install, InstallStatus } from '../model/install.ts'

interface Row {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly vmid: number | null
  readonly body: string
  readonly created_at: number
  readonly updated_at: number
}

/** What may change of an install. `vmid: null` says that it has no guest any more. */
export type InstallChange = Partial<Omit<Install, 'id' | 'vmid' | 'createdAt' | 'updatedAt'>> & {
  readonly vmid?: number | null
}

/** Installs. Names are unique, and so are guests; whoever adds a second one gets SQLite's constraint error. */
export class InstallTable {
  readonly #get: StatementSync
  readonly #named: StatementSync
  readonly #of: StatementSync
  readonly #list: StatementSync
  readonly #put: StatementSync
  readonly #remove: StatementSync
  #counts: ReadonlyMap<string, number> | undefined

  constructor(database: DatabaseSync) {
    const columns = 'id, name, status, vmid, body, created_at, updated_at'
    this.#get = database.prepare(`SELECT ${columns} FROM installs WHERE id = ?`)
    this.#named = database.prepare(`SELECT ${columns} FROM installs WHERE name = ?`)
    this.#of = database.prepare(`SELECT ${columns} FROM installs WHERE vmid = ?`)
    this.#list = database.prepare(`SELECT ${columns} FROM installs ORDER BY name`)
    this.#put = database.prepare(
      `INSERT INTO installs (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, status = excluded.status, vmid = excluded.vmid,
         body = excluded.body, updated_at = excluded.updated_at`,
    )
    this.#remove = database.prepare('DELETE FROM installs WHERE id = ?')
  }

  get(id: InstallId): Install | undefined {
    return read(this.#get.get(id))
  }

  byName(name: string): Install | undefined {
    return read(this.#named.get(name))
  }

  byGuest(vmid: number): Install | undefined {
    return read(this.#of.get(vmid))
  }

  /** All of them, by name. */
  list(): readonly Install[] {
    return this.#list.all().map(row => read(row) as Install)
  }

  /** How many installs have each app; the same map until an install changes. */
  counts(): ReadonlyMap<string, number> {
    if (this.#counts !== undefined) return this.#counts
    const counts = new Map<string, number>()
    for (const { apps } of this.list()) {
      for (const app of new Set(apps.map(one => one.app))) counts.set(app, (counts.get(app) ?? 0) + 1)
    }
    this.#counts = counts
    return counts
  }

  add(install: Install): void {
    this.#write(install)
  }

  /** Changes one; it must be there. */
  update(id: InstallId, change: InstallChange, now = Date.now()): Install {
    const found = this.get(id)
    if (found === undefined) throw new Error(`no install ${id}`)
    const { vmid: _, ...rest } = { ...found, ...change }
    const vmid = change.vmid === undefined ? found.vmid : (change.vmid ?? undefined)
    const changed: Install = { ...rest, ...(vmid === undefined ? {} : { vmid }), updatedAt: now }
    this.#write(changed)
    return changed
  }

  remove(id: InstallId): void {
    this.#counts = undefined
    this.#remove.run(id)
  }

  #write({ id, name, status, vmid, createdAt, updatedAt, ...body }: Install): void {
    this.#counts = undefined
    this.#put.run(id, name, status, vmid ?? null, JSON.stringify(body), createdAt, updatedAt)
  }
}

function read(row: unknown): Install | undefined {
  if (row === undefined) return undefined
  const { id, name, status, vmid, body, created_at, updated_at } = row as Row
  return {
    ...(JSON.parse(body) as Omit<Install, 'id' | 'name' | 'status' | 'vmid' | 'createdAt' | 'updatedAt'>),
    id: id as InstallId,
    name,
    status: status as InstallStatus,
    ...(vmid === null ? {} : { vmid }),
    createdAt: created_at,
    updatedAt: updated_at,
  }
}
