import { fillIn, type Inputs, type ProvisionApp, secretValues } from './app.ts'

/** Bytes of a request: what the runner takes. */
export const largestRequest = 4_000_000

/** What the runner reads from its standard input; see sdk/appstore/runner.py. The only place where secrets go. */
export function requestOf(
  app: ProvisionApp,
  inputs: Inputs,
  extra: Readonly<Record<string, string>> = {},
  hidden: readonly string[] = secretValues(app, inputs),
): string {
  const env = Object.entries(app.env).map(([name, text]) => [name, fillIn(text, inputs)])
  return JSON.stringify({
    inputs,
    secrets: app.secrets,
    redact: hidden,
    env: { ...extra, ...Object.fromEntries(env) },
    timeout: app.timeout,
  })
}
