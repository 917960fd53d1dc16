import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import type { Finding } from '../contract.ts'
import { openSurroundings, type Surroundings } from '../daemon/surroundings.ts'
import { failed } from './check.ts'
import { hostDoctor } from './doctor.ts'
import { fileChecks } from './files.ts'

/** The checks of a configuration without a daemon: for when it does not start. What it opens, it closes. */
export async function doctorHere(file: string): Promise<readonly Finding[]> {
  let config: Config
  try {
    config = loadConfig(file)
  } catch (error) {
    return [fault('config', error)]
  }
  let surroundings: Surroundings
  try {
    surroundings = await openSurroundings(config)
  } catch (error) {
    // Of the rest of the context, files need nothing.
    return [...(await fileChecks({ config } as Parameters<typeof fileChecks>[0])), fault('surroundings', error)]
  }
  try {
    return await hostDoctor(config, surroundings)()
  } finally {
    await surroundings.close()
  }
}

const fault = (check: string, error: unknown): Finding => {
  const { message, advice } = error as { readonly message: string; readonly advice?: string }
  return failed(check, message, advice ?? 'Have an administrator run appstore setup')
}
