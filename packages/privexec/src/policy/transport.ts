import type { Command } from '../command/command.ts'
import type { PolicyFile } from './assemble.ts'
import { settingsIn } from './settings.ts'

/** What in a file does not go with its transport. */
export function* transportProblems(
  file: PolicyFile,
  commands: readonly Command[],
): Generator<{ readonly path: readonly (string | number)[]; readonly message: string }> {
  if (file.transport === 'sudo') {
    const why = 'but with transport: sudo nothing of ours runs as root; use daemon or portable'
    if (file.limits) yield { path: ['limits'], message: `the root-side broker keeps limits, ${why}` }
    for (const [index, { guard }] of file.grants.entries()) {
      const path = ['grants', index, 'guard']
      if (guard) yield { path, message: `guards are checks of the root-side broker, ${why}` }
    }
    return
  }
  if (file.audit.file.startsWith('{')) {
    yield {
      path: ['audit', 'file'],
      message: `root writes it with transport: ${file.transport}, so an absolute path is needed`,
    }
  }
  if (file.runAs !== 'root') {
    yield { path: ['runAs'], message: `with transport: ${file.transport}, commands run as root` }
  }
  for (const [index, entry] of file.grants.entries()) {
    const command = commands.find(({ id }) => id === entry.command)
    const missing = entry.guard || !command ? undefined : settingsIn(command).find(({ required }) => required)
    if (!missing) continue
    const need = `with transport: ${file.transport}, ${entry.command} needs guard.${missing.key}: ${missing.summary}`
    yield { path: ['grants', index, 'guard'], message: need }
  }
}
