import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { callPath } from '../../../packages/privexec/src/transport/portable/path.ts'
import { sudoPath } from '../../../packages/privexec/src/transport/sudo/paths.ts'
import { encodeFrame, FrameReader } from '../../../packages/privexec/src/wire/frame.ts'
import { readJson } from '../../../packages/privexec/src/wire/json.ts'
import type { Refusal } from '../../../packages/privexec/src/wire/message.ts'
import type { Answer } from '../../equivalence/root-side.ts'

// Runs as a principal: sends what comes on standard input, in Base64 a line for a connection, to the program that sudo
// starts for the policy, and prints what root's side decided. What it accepts is cancelled.

/** What root's side answers to the bytes of a request. */
function ask(policy: string, bytes: Buffer): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const child = spawn(sudoPath, ['-n', '-u', 'root', '--', callPath(policy)], { stdio: 'pipe', cwd: '/' })
  const reader = new FrameReader('root')
  let said = ''
  let answer: Answer | undefined
  child.stdin.on('error', () => {})
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  child.stdout.on('data', (chunk: Buffer) => {
    for (const { name, payload } of reader.push(chunk)) {
      if (name === 'accepted') {
        answer = { allowed: true }
        child.stdin.write(encodeFrame('cancel'))
      } else if (name === 'refused') answer ??= { allowed: false, code: (readJson(payload) as Refusal).code }
    }
  })
  child.on('close', status => {
    if (answer) resolve(answer)
    else reject(new Error(`no answer, but exit status ${status}: ${said}`))
  })
  child.stdin.write(bytes)
  return promise
}

const [policy = ''] = process.argv.slice(2)
for await (const line of createInterface(process.stdin)) {
  process.stdout.write(`${JSON.stringify(await ask(policy, Buffer.from(line, 'base64')))}\n`)
}
