import { createHash, randomBytes } from 'node:crypto'
import { closeSync, constants, fdatasyncSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { basename } from 'node:path'
import { readRange } from './file.ts'
import { type AuditRecord, surroundings } from './record.ts'
import { unavailable } from './unavailable.ts'

/** Code of a record that tells of a repaired end. */
export const repairCode = 'PRIVEXEC_AUDIT_REPAIRED'

/** Bytes that a crash left behind the last whole record, and the file that keeps them. */
export interface Fragment {
  readonly file: string
  readonly bytes: number
  /** SHA-256, hex. */
  readonly hash: string
}

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants
const chunk = 65_536

/** Copies bytes `start` to `end` into `<file>.torn-<sequence>-<random>` and makes them durable: they may be evidence. */
export function saveFragment(file: string, fd: number, start: number, end: number, sequence: number): Fragment {
  const path = `${file}.torn-${sequence}-${randomBytes(4).toString('hex')}`
  const digest = createHash('sha256')
  try {
    const copy = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
    try {
      for (let at = start; at < end; at += chunk) {
        const bytes = readRange(fd, at, Math.min(end, at + chunk))
        digest.update(bytes)
        for (let done = 0; done < bytes.length; ) done += writeSync(copy, bytes, done)
      }
      fdatasyncSync(copy)
    } catch (error) {
      unlinkSync(path)
      throw error
    } finally {
      closeSync(copy)
    }
  } catch (error) {
    throw unavailable(file, 'its torn last record cannot be set aside', error)
  }
  return { file: path, bytes: end - start, hash: digest.digest('hex') }
}

/** The record that takes the place of a torn one and says where its bytes are. */
export function repairRecord(fragment: Fragment): AuditRecord {
  return {
    event: {
      id: randomBytes(16).toString('hex'),
      action: 'audit.repair',
      kind: 'event',
      category: ['file'],
      type: ['change'],
      outcome: 'success',
      code: repairCode,
      reason: 'The last record was torn by a crash; its bytes were set aside',
    },
    ...surroundings(),
    labels: { torn_file: basename(fragment.file), torn_bytes: fragment.bytes, torn_sha256: fragment.hash },
  }
}
