import type { Call, NodeName, PoolId, Upid } from '@broker/proxmox'
import type { StoreId } from '../model/id.ts'

/** What the store needs of Proxmox. */
export interface ProxmoxDoor {
  readonly node: NodeName
  /** Sends one request; rejects with `ProxmoxError`. */
  send<A>(call: Call<A>, options?: { readonly signal?: AbortSignal }): Promise<A>
  /**
   * Waits for the end of a task; rejects when it failed. Warnings are a success. One that takes longer than its kind may is
   * ended, as it is by a cancel, but not when the daemon stops.
   */
  finish(upid: Upid, options: FinishOptions): Promise<{ readonly warnings: number }>
}

export interface FinishOptions {
  readonly signal?: AbortSignal
  readonly onLine?: (line: string) => void
}

/** Within what the store keeps. Ids are those of the policy, both included. */
export interface Bounds {
  readonly pool: PoolId
  readonly from: number
  readonly to: number
  readonly store: StoreId
}
