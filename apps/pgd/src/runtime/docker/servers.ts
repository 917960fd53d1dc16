import type { Server } from '../runtime.ts'
import type { Account } from './account.ts'
import type { Engine } from './engine.ts'
import { readText } from './frames.ts'
import { accountLabel, keyLabel } from './labels.ts'
import { exitStatusIn, killed, serverOf } from './state.ts'

/** All servers of this account: one question, and one more for each that was killed, since the list says not by whom. */
export async function listServers(engine: Engine, { uid }: Account): Promise<Server[]> {
  const listed = await engine.list({ [accountLabel]: String(uid), [keyLabel]: '' })
  const servers = listed.map(async container => {
    if (exitStatusIn(container.Status) !== killed) return serverOf(container)
    return serverOf(container, (await engine.container(container.Id))?.State.OOMKilled)
  })
  return Promise.all(servers)
}

/** Ends a server and removes its container; one that is not there is ended already. */
export async function stopServer(engine: Engine, account: Account, key: string, seconds: number): Promise<void> {
  const containers = await containersOf(engine, account, key)
  await Promise.all(containers.map(({ Id }) => endContainer(engine, Id, seconds)))
}

/** The last lines that a server wrote; empty when there is none. */
export async function logOf(engine: Engine, account: Account, key: string, lines: number): Promise<string> {
  const [container] = await containersOf(engine, account, key)
  return container === undefined ? '' : readLog(engine, container.Id, lines)
}

/** Containers of a server: one, or none; more only if somebody renamed one. */
export const containersOf = (engine: Engine, { uid }: Account, key: string) =>
  engine.list({ [accountLabel]: String(uid), [keyLabel]: key })

/** Ends a container by fast shutdown, by force after `seconds`, and removes it; with 0, by force at once. */
export async function endContainer(engine: Engine, id: string, seconds: number): Promise<void> {
  if (seconds > 0) await engine.stop(id, seconds)
  await engine.remove(id)
}

/** The last lines of a container, of both its streams. */
export async function readLog(engine: Engine, id: string, lines: number): Promise<string> {
  const bytes = await engine.log(id, lines)
  return (await readText(oneOf(bytes))).trimEnd()
}

async function* oneOf(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}
