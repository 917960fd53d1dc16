import type { SourceConfig } from '../catalog/sources/source-config.ts'
import type { Network } from '../model/install.ts'

/** Configuration of the daemon, defaults filled in. Times in milliseconds. */
export interface Config {
  readonly file: string
  readonly node?: string
  readonly pool: string
  readonly state: string
  readonly policy: string
  readonly proxmox: {
    readonly url: string
    readonly tokenFile: string
    readonly ca?: string
    readonly fingerprint?: string
    readonly insecure: boolean
  }
  readonly listen: {
    readonly address: string
    readonly port: number
    readonly names: readonly string[]
    readonly certificate?: string
    readonly key?: string
  }
  readonly defaults: {
    readonly storage?: string
    readonly backupStorage?: string
    readonly network: Partial<Network>
    readonly onboot?: boolean
  }
  readonly sources: readonly SourceConfig[]
  readonly jobs: { readonly atOnce: number; readonly keepDays: number }
  readonly timeouts: {
    readonly network: number
    readonly health: number
    readonly shutdown: number
    /** Of tasks of Proxmox; `create` also of the download of a template, `copy` of backups and restores. */
    readonly task: number
    readonly create: number
    readonly copy: number
  }
}

/** Where the configuration is unless said otherwise. */
export const configFile = '/etc/appstore/config.yml'
