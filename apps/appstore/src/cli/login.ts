import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { AppstoreError } from '../errors/error.ts'

/** Which daemon the command talks to, and as whom. */
export interface Login {
  readonly url: string
  readonly token: string
  /** SHA-256 of the daemon's certificate; without it, the authorities that Node knows count. */
  readonly fingerprint?: string | undefined
}

const schema = z.object({ url: z.string(), token: z.string(), fingerprint: z.string().optional() })

const fileOfLogin = (): string =>
  join(process.env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'appstore', 'login.json')

/**
 * The login of the environment (`APPSTORE_URL`, `APPSTORE_TOKEN`, `APPSTORE_FINGERPRINT`), else that of `appstore login`.
 * @throws {AppstoreError} `APPSTORE_UNAUTHENTICATED`
 */
export function findLogin(): Login {
  const { APPSTORE_URL: url, APPSTORE_TOKEN: token, APPSTORE_FINGERPRINT: fingerprint } = process.env
  if (url !== undefined && token !== undefined) return { url, token, fingerprint }
  try {
    return schema.parse(JSON.parse(readFileSync(fileOfLogin(), 'utf8')))
  } catch (cause) {
    throw new AppstoreError('APPSTORE_UNAUTHENTICATED', 'This account is not logged in', {
      hint: 'Run: appstore login https://HOST:PORT, or set APPSTORE_URL and APPSTORE_TOKEN',
      cause,
    })
  }
}

/** Whether {@link findLogin} finds one. */
export function isLoggedIn(): boolean {
  try {
    findLogin()
    return true
  } catch {
    return false
  }
}

/** Keeps a login for this account alone. */
export function keepLogin(login: Login): string {
  const file = fileOfLogin()
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(`${file}.new`, `${JSON.stringify(login, undefined, 2)}\n`, { mode: 0o600 })
  chmodSync(`${file}.new`, 0o600)
  renameSync(`${file}.new`, file)
  return file
}
