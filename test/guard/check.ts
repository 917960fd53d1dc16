import { hostOf } from '../../packages/privexec/src/guard/host.ts'
import { type Command, catalogue } from '../../packages/privexec/src/index.ts'

/** Settings of a policy for the app store's containers. */
const settings = { pool: 'appstore', tags: ['appstore', 'managed'], privileged: false }

/** What each guard of a command says of an object on the real host; undefined is that it holds. */
export async function verdicts(command: string, object: number | string): Promise<Record<string, string | undefined>> {
  const { guards, program } = (catalogue as readonly Command[]).find(({ id }) => id === command) as Command
  const values = typeof object === 'number' ? { vmid: object } : { dataset: object }
  const subject = { values, where: { base: 'tank/pgd/databases' }, settings, program, host: hostOf() }
  const said: Record<string, string | undefined> = {}
  for (const { name, check } of guards) {
    said[name] = await check(subject).catch((error: unknown) => `rejects: ${error}`)
  }
  return said
}

/** The first reason against an operation. */
export const reason = async (command: string, object: number | string): Promise<string | undefined> =>
  Object.values(await verdicts(command, object)).find(said => said !== undefined)

if (import.meta.main) {
  const [command = '', object = ''] = process.argv.slice(2)
  const id = Number(object)
  process.stdout.write(JSON.stringify(await verdicts(command, Number.isNaN(id) ? object : id)))
}
