export { type Fault, type FaultKind, Faults } from './faults/faults.ts'
export { directoriesRuntime, type ExecHandler } from './guests/directories.ts'
export { lxcRuntime } from './guests/lxc.ts'
export { namespacesMissing, namespacesRuntime } from './guests/namespaces.ts'
export type {
  Address,
  ExecOptions,
  ExecResult,
  GuestRuntime,
  GuestView,
  Mount,
  PushOptions,
  Shell,
} from './guests/runtime.ts'
export { type Lab, type LabGuest, type LabOptions, startLab } from './lab.ts'
export { defaultStorages, type SeedGuest, storePrivileges } from './state/seed.ts'
export type { Guest, State, Storage, Volume } from './state/types.ts'
export type { Recorded } from './wire/server.ts'
