import type { Consent } from '../consent/consent.ts'
import type { Manifest } from '../manifest/manifest.ts'
import type { CatalogProblem } from '../manifest/problem.ts'
import type { Stack } from '../manifest/read-stack.ts'

/** An app that can be installed, from one source at one commit. */
export interface AppEntry {
  readonly id: string
  readonly source: string
  /** Empty for a source that is a folder. */
  readonly commit: string
  /** Folder of the app: `provision`, `templates` and the rest are in it. Absolute. */
  readonly directory: string
  readonly manifest: Manifest
  readonly consent: Consent
  /** Warnings only. */
  readonly problems: readonly CatalogProblem[]
  readonly hasIcon: boolean
  readonly hasReadme: boolean
  /** Official and featured, as far as the source is believed. */
  readonly official: boolean
  readonly featured: boolean
  /** Since when it has its version, in milliseconds since the epoch; 0 when that is not known. */
  readonly since: number
}

export interface StackEntry {
  readonly id: string
  readonly source: string
  readonly stack: Stack
}

/** What one source has at one commit. */
export interface LoadedSource {
  readonly name: string
  readonly commit: string
  readonly apps: readonly AppEntry[]
  readonly stacks: readonly StackEntry[]
  /** Of all its files; apps with an error are not among the apps. */
  readonly problems: readonly CatalogProblem[]
}
