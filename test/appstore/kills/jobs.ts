import type { Run } from './protocol.ts'

/** What there is before the job: the doors that are used to get there, in their order. */
export type Base = 'empty' | 'box' | 'stopped' | 'newer' | 'kept' | 'stranger'

/** A job that is killed, and what has to be true after it, whenever that was. */
export interface Subject {
  readonly name: string
  readonly base: Base
  readonly door: string
  readonly args: readonly unknown[]
  /** Words of the failure, where the script is to fail in a run. */
  readonly fails?: (run: Run) => string | undefined
  readonly ends: 'succeeded' | 'failed'
  readonly after: {
    /** `gone`: there is no install any more. */
    readonly status: 'active' | 'kept' | 'gone'
    readonly isRunning?: boolean
    /** What the script has written into the guest, a line a run. */
    readonly script?: string | RegExp
    readonly version?: string
    /** Of the guest's configuration. */
    readonly config?: Readonly<Record<string, RegExp>>
  }
}

export const who = { principal: 'alice', idempotencyKey: 'the-job' }
const inputs = { password: 'a secret of 20 chars' }
export const request = { name: 'box', apps: [{ app: 'rich', inputs }] }

const fails =
  (action: Run['action'], version: string) =>
  (run: Run): string | undefined =>
    run.action === action && run.version === version ? 'It fails, as it is to' : undefined
const installed = 'install 1.0.0\n'
const asBefore = { status: 'active', isRunning: true, script: installed, version: '1.0.0' } as const
const change = { resources: { cores: 2, memory: 512, disk: 5 }, inputs: { rich: { port: 9090 } } }

/** All kinds of jobs, with those that are taken back. The first seven have their every step killed in each run. */
export const subjects: readonly Subject[] = [
  { name: 'install', base: 'empty', door: 'install', args: [request, who], ends: 'succeeded', after: asBefore },
  {
    ...{ name: 'install that fails', base: 'empty', door: 'install', args: [request, who] },
    ...{ fails: fails('install', '1.0.0'), ends: 'failed', after: { status: 'gone' } },
  },
  {
    ...{ name: 'uninstall', base: 'box', door: 'uninstall', args: ['box', { keep: false }, who] },
    ...{ ends: 'succeeded', after: { status: 'gone' } },
  },
  {
    ...{ name: 'uninstall that keeps', base: 'box', door: 'uninstall', args: ['box', { keep: true }, who] },
    ...{ ends: 'succeeded', after: { status: 'kept' } },
  },
  {
    ...{ name: 'upgrade', base: 'newer', door: 'upgrade', args: ['box', { safety: 'snapshot' }, who] },
    ...{ ends: 'succeeded', after: { ...asBefore, script: `${installed}upgrade 1.1.0\n`, version: '1.1.0' } },
  },
  {
    ...{
      name: 'upgrade that is rolled back',
      base: 'newer',
      door: 'upgrade',
      args: ['box', { safety: 'snapshot' }, who],
    },
    ...{ fails: fails('upgrade', '1.1.0'), ends: 'failed', after: asBefore },
  },
  {
    ...{ name: 'upgrade that is restored', base: 'newer', door: 'upgrade', args: ['box', { safety: 'backup' }, who] },
    ...{ fails: fails('upgrade', '1.1.0'), ends: 'failed', after: asBefore },
  },
  {
    ...{ name: 'upgrade by backup', base: 'newer', door: 'upgrade', args: ['box', { safety: 'backup' }, who] },
    ...{ ends: 'succeeded', after: { ...asBefore, script: `${installed}upgrade 1.1.0\n`, version: '1.1.0' } },
  },
  {
    ...{ name: 'start', base: 'stopped', door: 'start', args: ['box', who], ends: 'succeeded', after: asBefore },
  },
  {
    ...{ name: 'stop', base: 'box', door: 'stop', args: ['box', who] },
    ...{ ends: 'succeeded', after: { ...asBefore, isRunning: false } },
  },
  { name: 'restart', base: 'box', door: 'restart', args: ['box', who], ends: 'succeeded', after: asBefore },
  {
    ...{ name: 'reconfigure', base: 'box', door: 'reconfigure', args: ['box', change, who], ends: 'succeeded' },
    after: {
      ...asBefore,
      script: `${installed}configure 1.0.0\n`,
      config: { cores: /^2$/, memory: /^512$/, rootfs: /size=5G/ },
    },
  },
  {
    ...{ name: 'reconfigure that fails', base: 'box', door: 'reconfigure', args: ['box', change, who], ends: 'failed' },
    fails: run => (run.inputs.port === 9090 ? 'It fails, as it is to' : undefined),
    after: {
      ...asBefore,
      script: `${installed}configure 1.0.0\n`,
      config: { cores: /^1$/, memory: /^256$/, rootfs: /size=2G/ },
    },
  },
  {
    ...{ name: 'resize', base: 'box', door: 'resize', args: ['box', { volume: 'data', size: 7 }, who] },
    ...{ ends: 'succeeded', after: { ...asBefore, config: { mp0: /size=7G/ } } },
  },
  {
    ...{
      name: 'reinstall',
      base: 'kept',
      door: 'reinstall',
      args: ['box', who],
      ends: 'succeeded',
      after: { ...asBefore, script: /^(install 1.0.0\n){1,2}$/ },
    },
  },
  {
    ...{ name: 'reinstall that fails', base: 'kept', door: 'reinstall', args: ['box', who] },
    ...{ fails: fails('install', '1.0.0'), ends: 'failed', after: { status: 'kept' } },
  },
  {
    ...{
      name: 'backup',
      base: 'box',
      door: 'backup',
      args: ['box', undefined, who],
      ends: 'succeeded',
      after: asBefore,
    },
  },
  {
    ...{ name: 'adopt', base: 'stranger', door: 'adopt', args: [{ vmid: 20_005, name: 'box', apps: [] }, who] },
    ...{ ends: 'succeeded', after: { status: 'active' } },
  },
]
