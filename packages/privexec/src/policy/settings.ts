import type { z } from 'zod'
import type { Zod } from '../argument/type.ts'
import type { Command } from '../command/command.ts'
import type { GuardSetting } from '../guard/guard.ts'

/** The settings that a policy may give the guards of a command, by key. */
export const settingsIn = (command: Command): readonly GuardSetting[] =>
  command.guards.flatMap(({ settings }) => settings)

/** Schema of `guard` of one command; it fills in what has a default. */
export function settingsOf(zod: Zod, command: Command): z.ZodType<Record<string, unknown>> {
  const keys: Record<string, z.ZodType> = {}
  for (const setting of settingsIn(command)) keys[setting.key] = setting.schema(zod).describe(setting.summary)
  return zod.strictObject(keys)
}
