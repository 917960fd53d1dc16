import { generateKeyPairSync } from 'node:crypto'
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { signCheckpoint } from '../../packages/privexec/src/audit/checkpoint.ts'
import { encodeVerifier, parseVerifier } from '../../packages/privexec/src/audit/note.ts'
import { type Verification, verifyAudit } from '../../packages/privexec/src/audit/verify.ts'
import { attack } from './support/attack.ts'
import { execFrame } from './support/frames.ts'
import { exec, library } from './support/library.ts'
import { askStore, daemonOf, rootPolicies } from './support/root-side.ts'
import { any, as, read, setScene } from './support/scene.ts'

setScene()

const forged = '{"event":{"id":"0","type":["allowed"]},"forged":true}'

const genuine = '/var/lib/appstore/genuine-audit.jsonl'
const copy = '/var/lib/appstore/tampered/audit.jsonl'

/** What somebody who owns the file can do to its lines. */
const tampers: Record<string, (lines: readonly string[]) => readonly string[]> = {
  edited: lines =>
    lines.map((line, at) => (at === 2 ? line.replace('"failure"', '"success"').replace('20001', '20002') : line)),
  deleted: lines => lines.filter((_, at) => at !== 3),
  reordered: ([a = '', b = '', ...rest]) => [a, ...rest.slice(0, 1), b, ...rest.slice(1)],
  duplicated: lines => [...lines.slice(0, 4), lines[3] ?? '', ...lines.slice(4)],
  inserted: lines => [...lines.slice(0, 2), forged, ...lines.slice(2)],
  headless: lines => lines.slice(1),
  truncated: lines => lines.slice(0, -2),
  rolledBack: lines => lines.slice(0, 3),
  emptied: () => [],
}

/** Makes a genuine audit file of some records, by the library. */
async function record(file: string, word: string): Promise<void> {
  rmSync(file, { force: true })
  const failing = exec(['sh', '-c', `: ${word}; exit 3`])
  await library('appstore', [exec(['true', word]), failing, exec(['true'], {}, 104), failing, exec(['true'])], {
    audit: file,
  })
}

const keyPair = () => ({ name: 'test-log', privateKey: generateKeyPairSync('ed25519').privateKey })

attack({
  id: 'A34',
  title:
    'a record that is edited, removed, moved, repeated or invented is found, and so are lost ends and rewritten files',
  shown: 'in a plain log of JSON lines every line parses, whatever was done to it',
  stoppedBy:
    'each record holds the hash of the one before; a signed checkpoint that is kept elsewhere shows lost ends and rewriting',
  remains: 'without a checkpoint kept elsewhere, removed newest records and a file written anew are not seen',
  baseline: async () => {
    await record(genuine, 'baseline')
    const lines = read(genuine).trimEnd().split('\n')
    const parses = (line: string) => typeof JSON.parse(line) === 'object'
    return Object.values(tampers).every(tamper => tamper(lines).every(parses))
  },
  honest: async () => {
    await record(genuine, 'genuine')
    return (await examined(genuine)).ok
  },
  ours: {
    audit: async () => {
      const lines = read(genuine).trimEnd().split('\n')
      const note = await checkpointOf(genuine)
      mkdirSync(dirname(copy), { recursive: true })
      return any(Object.entries(tampers), async ([, tamper]) => {
        writeFileSync(
          copy,
          tamper(lines)
            .map(line => `${line}\n`)
            .join(''),
        )
        return (await examined(copy, note)).ok
      })
    },
    library: async () => {
      // Written anew by the library itself, and with a checkpoint signed by a key of the intruder.
      const note = await checkpointOf(genuine)
      const anew = '/var/lib/appstore/anew-audit.jsonl'
      await record(anew, 'other')
      const rewritten = await examined(anew, note)
      copyFileSync(genuine, copy)
      const foreign = signCheckpoint((await verifyAudit(copy)).head, keyPair())
      const swapped = await examined(copy, foreign)
      return rewritten.ok || swapped.ok || rewritten.checkpoint !== 'rewritten' || swapped.checkpoint !== 'unsigned'
    },
    daemon: async () => {
      const { policy } = await daemonOf(rootPolicies.store())
      const { file } = policy.audit
      await askStore([execFrame(['true']), execFrame(['true'], 104)])
      const before = read(file)
      const away = dirname(file)
      const tries = [
        `echo '${forged}' >>${file}`,
        `cat ${file}`,
        `: >${file}`,
        `rm -f ${file}`,
        `mv ${file} ${file}.old`,
        `mv ${away} ${away}.old && mkdir ${away}`,
        `ln -sf /dev/null ${file}`,
        `: >${away}/unclean`,
      ]
      const done = await any(
        tries,
        async line => (await as('appstore', ['sh', '-c', line], { readOnly: false })).exitCode === 0,
      )
      return done || read(file) !== before || !(await examined(file)).ok
    },
  },
  stillPossible: async () => {
    const lines = read(genuine).trimEnd().split('\n')
    writeFileSync(copy, `${lines.slice(0, -2).join('\n')}\n`)
    return (await examined(copy)).ok
  },
  onDaemon: {
    stoppedBy:
      'the file and its directory are root’s: the account can neither read nor change them; and the same chain and checkpoints',
    remains: 'root itself, against whom only a checkpoint kept elsewhere helps',
  },
})

const key = keyPair()

/** A checkpoint of a file's head, signed as an administrator would who keeps it elsewhere. */
const checkpointOf = async (file: string): Promise<string> => signCheckpoint((await verifyAudit(file)).head, key)

/** Verifies a file, against a checkpoint when there is one. */
const examined = (file: string, note?: string): Promise<Verification> =>
  verifyAudit(file, note === undefined ? {} : { checkpoint: { note, key: parseVerifier(encodeVerifier(key)) } })
