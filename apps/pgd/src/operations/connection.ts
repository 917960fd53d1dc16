import { readFile } from 'node:fs/promises'
import type { BranchView, CallOptions, Connection } from '../api.ts'
import type { Context } from '../context.ts'
import { PgdError } from '../errors/error.ts'
import { showRef } from '../names/ref.ts'
import { withSession } from '../postgres/connect.ts'
import { newPassword } from '../postgres/scram.ts'
import { connectionUrl } from '../postgres/url.ts'
import { whereData } from '../runtime/runtime.ts'
import { layoutBelow, passwordFile } from '../serve/layout.ts'
import { changePassword } from '../serve/password.ts'
import { findReady } from '../world/find.ts'
import { host } from '../world/view.ts'
import { serverOf } from '../world/world.ts'
import type { Ready } from './data.ts'
import { changing } from './lifecycle.ts'
import { lookFor } from './look.ts'

/** How to connect to a branch. The only operation that gives a secret away. */
export async function connectionOf(context: Context, name: string): Promise<Connection> {
  const branch = findReady(await lookFor(context, name), name)
  const { current } = branch
  refuseUnmounted(branch)
  const [text, { certificatePath }] = await Promise.all([
    readFile(passwordFile(current.path), 'utf8').catch(cause => {
      throw new PgdError('PGD_NOT_MOUNTED', `There are no data of ${showRef(branch)}`, { hint: whereData, cause })
    }),
    context.authority(),
  ])
  const parts = {
    host,
    port: current.facts.port,
    user: 'postgres',
    database: 'postgres',
    password: text.trim(),
    sslRootCert: certificatePath,
  }
  return { ...parts, url: connectionUrl(parts) }
}

/** Gives a branch a new password; sessions that are open go on. */
export const rotatePassword = (context: Context, name: string, options: CallOptions = {}): Promise<BranchView> =>
  changing(context, name, 'password', options, async (call, _world, branch) => {
    refuseStopped(branch)
    const password = newPassword()
    const { path } = branch.current
    await withSession({ run: layoutBelow(path).run, signal: call.signal }, session =>
      changePassword(path, session, password),
    )
  })

/** Rejects with `PGD_NOT_RUNNING`. */
export function refuseStopped(branch: Ready): void {
  if (serverOf(branch)?.state === 'running') return
  throw new PgdError('PGD_NOT_RUNNING', `${showRef(branch)} does not run`, {
    hint: `Start it: pgd branch start ${showRef(branch)}`,
  })
}

/** Rejects with `PGD_NOT_MOUNTED`. */
export function refuseUnmounted(branch: Ready): void {
  if (branch.current.isMounted) return
  throw new PgdError('PGD_NOT_MOUNTED', `The data of ${showRef(branch)} are not mounted`)
}
