import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Secrets of a new lab in clear, kept so that a later one can be used with the same; readable by their owner only. */
export interface Secrets {
  readonly token: string
  readonly root: string
  readonly password: string
}

/** The secrets that the directory keeps; makes them the first time. */
export function keepSecrets(directory: string, make: () => Secrets): Secrets {
  const file = join(directory, 'secrets.json')
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Secrets
  const secrets = make()
  writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 })
  return secrets
}
