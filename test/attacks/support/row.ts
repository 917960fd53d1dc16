import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a run says of one class of attacks. */
export interface Row {
  readonly id: string
  readonly title: string
  readonly shown: string
  readonly layers: readonly string[]
  readonly sudo: Side
  readonly daemon: Side
}

/** What a run says of a class on one transport, or why it has no meaning there. */
export type Side =
  | {
      readonly stoppedBy: string
      readonly remains: string
      /** The baseline fell, ours did not, and what remains is as described. */
      readonly passed: boolean
    }
  | { readonly notApplicable: string }

/** Keeps a row where the runner collects it; without a runner, nowhere. */
export function record(row: Row): void {
  const { HOST_OUT: out } = process.env
  if (!out) return
  mkdirSync(join(out, 'rows'), { recursive: true })
  writeFileSync(join(out, 'rows', `${row.id}.json`), JSON.stringify(row))
}
