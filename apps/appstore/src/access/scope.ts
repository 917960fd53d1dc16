/**
 * What a principal may do. `read`: see all but secrets. `operate`: start, stop, cancel. `install`: whatever makes, changes
 * or removes installs, and use of their secrets. `console`: a shell in guests. `admin`: accounts, catalog sources, settings.
 */
export const scopes = ['read', 'operate', 'install', 'console', 'admin'] as const
export type Scope = (typeof scopes)[number]

/** Roles of accounts. */
export const roles = {
  viewer: ['read'],
  operator: ['read', 'operate', 'console'],
  admin: scopes,
} as const satisfies Readonly<Record<string, readonly Scope[]>>
export type Role = keyof typeof roles

/** Who asks, and what they may do. `via` tells how they were recognised. */
export interface Principal {
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly via: 'session' | 'token'
  /** Id of the session or token. */
  readonly id: string
}
