import { call } from '../../auxiliary/call.ts'

const visudo = '/usr/sbin/visudo'

/** What visudo(8) said of sudoers text: undefined means that visudo is not installed. */
export interface Syntax {
  readonly ok: boolean
  readonly said: string
}

/** Checks the syntax of sudoers text. */
export const checkSyntax = (text: string): Promise<Syntax | undefined> => ask(['-c', '-f', '-'], text)

/** Checks a file, its owner and mode too, without the rest of the configuration. */
export const checkFile = (path: string): Promise<Syntax | undefined> => ask(['-c', '-O', '-P', '-f', path])

/** Checks the whole configuration that is in force. */
export const checkAll = (): Promise<Syntax | undefined> => ask(['-c'])

async function ask(args: readonly string[], input?: string): Promise<Syntax | undefined> {
  const { missing, status, stdout, stderr } = await call(visudo, args, input)
  return missing ? undefined : { ok: status === 0, said: `${stdout}${stderr}`.trim() }
}
