import { lstatSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { type AuditPosition, genesis, readLine } from './chain.ts'
import { type BadRecord, ChainWalk } from './chain-walk.ts'
import type { Checkpoint } from './checkpoint.ts'
import { verifyCheckpoint } from './checkpoint.ts'
import { lineBlocks } from './lines.ts'
import type { NoteVerifier } from './note.ts'
import { Operations, type UnfinishedOperation } from './operations.ts'
import { fullSegments, openSegments } from './segments.ts'

export interface VerifyOptions {
  /** A checkpoint that was kept elsewhere, and the public key, which must come from elsewhere too. */
  readonly checkpoint?: { readonly note: string; readonly key: NoteVerifier } | undefined
  /** Old segments were removed on purpose: the first record that is left need not be record 1. */
  readonly pruned?: boolean | undefined
}

/** A file of the chain, and which records it holds; `first` and `last` are 0 for an empty file. */
export interface VerifiedSegment {
  readonly file: string
  readonly first: number
  readonly last: number
}

/** What the chain says about a checkpoint. Each but `agrees` and `older` (than all that is left) is a failure. */
export type CheckpointVerdict = 'agrees' | 'unsigned' | 'lost' | 'rewritten' | 'older'

export interface Verification {
  /** Every record is in its place, none is torn, and the checkpoint agrees. */
  readonly ok: boolean
  /** Records that are in their place. */
  readonly records: number
  readonly segments: readonly VerifiedSegment[]
  /** The last record that is in its place. */
  readonly head: AuditPosition
  /** The first record that is not. */
  readonly bad?: BadRecord
  /** Bytes behind the last whole line: a write that a crash cut off. The next append sets them aside. */
  readonly torn?: { readonly file: string; readonly bytes: number }
  /** Intents without an outcome: still running, or it is not known how they ended. At most 1,000 are listed. */
  readonly unfinished: readonly UnfinishedOperation[]
  readonly unfinishedCount: number
  /** Torn ends that were repaired. */
  readonly repairs: number
  readonly checkpoint?: CheckpointVerdict
}

/**
 * Reads a whole chain, all segments, in flat memory (apart from open operations), and says the first thing that is
 * wrong with it. Without a checkpoint that was kept elsewhere, nobody can see that the newest records were removed or
 * that all of it was rewritten. Rejects only when a file cannot be read.
 */
export async function verifyAudit(file: string, options: VerifyOptions = {}): Promise<Verification> {
  for (let attempt = 1; ; attempt += 1) {
    const before = snapshot(file)
    const result = await verifyOnce(file, options)
    // A file that grows or is rotated while it is read can look torn or incomplete: then look again.
    if (result.ok || attempt === 5 || snapshot(file) === before) return result
  }
}

/** Changes with every rotation and every append. */
function snapshot(file: string): string {
  return JSON.stringify([fullSegments(file), lstatSync(file, { throwIfNoEntry: false })?.size])
}

async function verifyOnce(file: string, options: VerifyOptions): Promise<Verification> {
  const signed = options.checkpoint && verifyCheckpoint(options.checkpoint.note, options.checkpoint.key)
  const walk = new ChainWalk(options.pruned === true, signed?.sequence)
  const operations = new Operations()
  const segments: VerifiedSegment[] = []
  let torn: Verification['torn']
  for await (const { path, handle, first } of openSegments(file)) {
    const before = walk.records
    const rest = await readSegment(path, handle, walk, operations)
    if (walk.search === undefined && rest > 0) {
      // Only the end of the growing file can be torn: the others were synced before they were closed.
      if (first === undefined) torn = { file: path, bytes: rest }
      else walk.fail(path, 'torn', 'the file does not end with a newline')
    }
    const count = walk.records - before
    const last = count > 0 ? walk.head.sequence : 0
    segments.push({ file: path, first: count > 0 ? last - count + 1 : 0, last })
  }
  const bad = walk.search?.verdict()
  const verdict = options.checkpoint && judge(signed, walk)
  const isAgreed = verdict === undefined || verdict === 'agrees' || verdict === 'older'
  return {
    ok: bad === undefined && torn === undefined && isAgreed,
    records: walk.records,
    segments,
    head: walk.head,
    ...(bad && { bad }),
    ...(torn && { torn }),
    unfinished: operations.unfinished(1000),
    unfinishedCount: operations.count,
    repairs: operations.repairs,
    ...(verdict && { checkpoint: verdict }),
  }
}

/** Returns the number of bytes behind the last newline. */
async function readSegment(path: string, handle: FileHandle, walk: ChainWalk, operations: Operations): Promise<number> {
  let rest = 0
  let line = 0
  for await (const block of lineBlocks(handle)) {
    rest = block.rest.length
    for (const bytes of block.lines) {
      line += 1
      if (walk.step(path, line, readLine(bytes)) && !operations.note(bytes)) walk.unreadable(path, line)
    }
    if (walk.search?.isDone === true) break
  }
  return rest
}

function judge(signed: Checkpoint | undefined, walk: ChainWalk): CheckpointVerdict {
  if (signed === undefined) return 'unsigned'
  if (signed.sequence === 0) return signed.hash === genesis.hash ? 'agrees' : 'rewritten'
  if (walk.head.sequence < signed.sequence) return 'lost'
  if (walk.watched === undefined) return 'older'
  return walk.watched === signed.hash ? 'agrees' : 'rewritten'
}

export type { BadRecord }
