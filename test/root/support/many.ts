import { join } from 'node:path'
import { bundleRoot } from '../../../packages/privexec/scripts/bundle.ts'
import { runScriptAs } from '../../host/service.ts'
import { installScript, testPolicy } from './daemon.ts'

/** The test's `privexecd` as one file, as the installed one is. Returns its path. */
export async function bundledEntry(): Promise<string> {
  const out = '/usr/local/lib/privexec-test/privexecd.js'
  await bundleRoot(out, join(import.meta.dirname, 'privexecd.ts'))
  return out
}

/** A program that says its argument, fails, or stays, as the argument wants. */
export const installEcho = (): void =>
  installScript('case $1 in */long*) exec sleep 4006 ;; */fails*) exit 3 ;; esac\necho "$1"')

/** A policy with commands of the tests and of the catalogue, and time limits in seconds. */
export const mixedPolicy = (seconds: number, limits: object): string =>
  testPolicy({
    limits,
    grants: [
      ...['test.nothing', 'test.script', 'test.stubborn', 'test.absent'].map(command => ({
        command,
        where: { base: 'tank' },
        timeout: `${seconds}s`,
      })),
      ...['pct.exec', 'pct.push'].map(command => ({
        command,
        where: { vmid: '20000-20999' },
        guard: { pool: 'appstore' },
        timeout: `${seconds}s`,
      })),
    ],
  })

/** What `soak.ts` found. */
export interface Found {
  readonly answered: number
  readonly problems: readonly string[]
  /** Descriptors of the client by kind, after its first call and after its last. */
  readonly before: Readonly<Record<string, number>>
  readonly after: Readonly<Record<string, number>>
}

/** Makes many calls as the account, some at a time. Takes as long as it takes, 2 hours at most. */
export async function soak(count: number, atOnce: number, ...more: readonly string[]): Promise<Found> {
  const script = join(import.meta.dirname, 'soak.ts')
  const { stdout, stderr } = await runScriptAs(
    'appstore',
    script,
    ['rootside', String(count), String(atOnce), ...more],
    {
      cwd: join(import.meta.dirname, '../../..'),
      timeout: 7_200_000,
    },
  )
  if (!stdout.startsWith('{')) throw new Error(`no answer: ${stderr}`)
  return JSON.parse(stdout) as Found
}
