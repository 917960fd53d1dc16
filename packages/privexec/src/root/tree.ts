// PLACEHOLDER of the coordinator, so that the rest can be tried: the owner of this file overwrites it.
export interface Tree {
  add(pid: number): void
  kill(): Promise<number>
  release(): void
}
export interface Trees {
  readonly kind: 'cgroup' | 'marker'
  take(): Tree
  close(): void
}
const none: Tree = { add: () => {}, kill: async () => 0, release: () => {} }
export const noTrees: Trees = { kind: 'marker', take: () => none, close: () => {} }
export const openTrees = (): Trees => noTrees
