import { isAlive } from '../../locks/holder.ts'
import { sweepScratch } from '../../locks/scratch.ts'
import type { Account } from './account.ts'
import type { Engine } from './engine.ts'
import { accountLabel, holderLabel, toolLabel, volumeLabel } from './labels.ts'
import { spoolsOf } from './spool.ts'

/** Ends programs that work on a volume: the engine goes on with them when the call that waits for them is killed. */
export const endTools = (engine: Engine, account: Account, volume: string): Promise<void> =>
  removeAll(engine, account, { [volumeLabel]: volume }, () => true)

/** Removes containers of programs whose call was killed, also those that it made and had not started yet. */
export async function sweepTools(engine: Engine, account: Account): Promise<void> {
  await removeAll(engine, account, {}, holder => !isAlive(holder))
  await sweepScratch(account.passwd)
  await sweepScratch(spoolsOf(account))
}

async function removeAll(
  engine: Engine,
  { uid }: Account,
  labels: Readonly<Record<string, string>>,
  isGoing: (holder: string) => boolean,
): Promise<void> {
  const listed = await engine.list({ [accountLabel]: String(uid), [toolLabel]: '', ...labels })
  const going = listed.filter(({ Labels }) => isGoing(Labels[holderLabel] ?? ''))
  await Promise.all(going.map(({ Id }) => engine.remove(Id)))
}
