import { fdatasyncSync, fstatSync, linkSync, lstatSync, renameSync, rmSync } from 'node:fs'
import { createAppend, readRange, syncFolder } from './file.ts'
import { segmentName } from './segments.ts'
import { broken, systemCode } from './unavailable.ts'

/**
 * Gives the full file its segment name and puts an empty one in its place, whose descriptor is returned. The name of
 * the audit file always exists, so a crash between the steps leaves either one file under two names or an empty file
 * that carries on from the newest segment; both are recognised.
 */
export function beginSegment(file: string, fd: number): number {
  // What other processes wrote and wait for becomes durable before they can see the new file.
  fdatasyncSync(fd)
  const segment = segmentName(file, firstSequence(file, fd))
  try {
    linkSync(file, segment)
  } catch (error) {
    if (systemCode(error) !== 'EEXIST' || lstatSync(segment).ino !== fstatSync(fd).ino) throw error
  }
  const next = `${file}.next`
  rmSync(next, { force: true })
  const nextFd = createAppend(next)
  renameSync(next, file)
  syncFolder(file)
  return nextFd
}

function firstSequence(file: string, fd: number): number {
  const match = /^\{"event":\{"sequence":(\d{1,15}),/.exec(readRange(fd, 0, 64).toString('latin1'))
  if (match === null) throw broken(file, 'does not begin with a record')
  return Number(match[1])
}
