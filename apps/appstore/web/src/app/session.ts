import { signal } from '@preact/signals'
import { setCsrf, whenLoggedOut } from '../api/client.ts'
import { access } from '../api/routes.ts'
import type { Me } from '../api/types.ts'

/** Who is logged in: undefined while that is asked, null when nobody is. */
export const me = signal<Me | null | undefined>(undefined)

const key = 'appstore.session'

function take(found: Me | null): void {
  if (found === null) localStorage.removeItem(key)
  else localStorage.setItem(key, 'open')
  setCsrf(found?.csrf)
  me.value = found
}

/** Whether who is logged in may do what takes the scope. */
export const may = (scope: string): boolean => me.value?.scopes.some(one => one === scope) ?? false

/** Asks who is logged in, if this browser has logged in at all. */
export async function resume(): Promise<void> {
  whenLoggedOut(() => take(null))
  take(localStorage.getItem(key) === null ? null : await access.me().catch(() => null))
}

/** @throws {ApiError} */
export async function login(account: string, password: string): Promise<void> {
  take(await access.login(account, password))
}

/** Ends the session, here in any case. */
export async function logout(): Promise<void> {
  await access.logout().catch(() => {})
  take(null)
}
