import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { type Id, readId } from '../../names/id.ts'
import { ifThere } from './failure.ts'
import { recordName } from './layout.ts'

/** What a directory of the store says of itself: its facts, and an identity that no other one ever has. */
export interface DirectoryRecord<T> {
  readonly facts: T
  readonly guid: Id
}

/** Reads the record of a directory; undefined when there is none of this kind. */
export async function readRecord<T>(
  directory: string,
  parse: (text: string) => T | undefined,
): Promise<DirectoryRecord<T> | undefined> {
  const text = await ifThere(readFile(join(directory, recordName), 'utf8'))
  const [first = '', second = '', ...more] = text?.split('\n') ?? []
  const [facts, guid] = [parse(first), readId(second)]
  return facts === undefined || guid === undefined || more.join('') !== '' ? undefined : { facts, guid }
}

/** Writes the record of a directory for good. An older one is replaced at once; `scratch` is a place for the new one. */
export async function writeRecord(directory: string, text: string, guid: string, scratch: string): Promise<void> {
  const path = join(scratch, 'record')
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(`${text}\n${guid}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(path, join(directory, recordName))
  await syncDirectory(directory)
}

/**
 * Gives a directory another place; `lasting` is the parent whose names are to be on the disk then. What is there already,
 * and not empty, makes it fail with ENOTEMPTY.
 */
export async function moveDirectory(from: string, to: string, lasting: string): Promise<void> {
  await rename(from, to)
  await syncDirectory(lasting)
}

/** Puts the names in a directory on the disk. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
