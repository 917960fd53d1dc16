import fc from 'fast-check'
import t from 'tap'
import { serve } from '../../../src/root/serve/session.ts'
import { encodeFrame, encodeJson, type FrameName, frameType, longestPayload } from '../../../src/wire/frame.ts'
import { link, settle, talker } from '../../support/link.ts'
import { holds } from '../../support/property.ts'
import { asker, serviceWith, useRequest } from '../support/service.ts'

const json = fc.oneof(
  fc.constant(useRequest()),
  fc.constant(useRequest({ stdin: true })),
  fc.constant(useRequest({ terminal: { columns: 80, rows: 24 } })),
  fc.constant({ columns: 80, rows: 24 }),
  fc.record({ protocol: fc.constantFrom(1, 2), command: fc.string(), input: fc.object() }, { requiredKeys: [] }),
  fc.object(),
)
const ofClient = (Object.keys(frameType) as FrameName[]).filter(name => frameType[name] < 128)
const piece = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(fc.constantFrom(...ofClient), json).map(([name, value]) => encodeJson(name, value)),
  },
  { weight: 3, arbitrary: fc.constantFrom('inputEnd', 'cancel').map(name => encodeFrame(name as FrameName)) },
  { weight: 3, arbitrary: fc.nat(longestPayload).map(size => encodeFrame('input', Buffer.alloc(size))) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 20 }).map(bytes => Buffer.from(bytes)) },
)

/** What root's side may say in all: nothing but these frames, in this order, and one of two at the end. */
const conversation = /^(?:accepted (?:credit )*(?:started (?:(?:credit|stdout|stderr) )*outcome |refused )|refused )$/

t.test('whatever a client sends, it gets one answer, in the order of the protocol, and nothing is left', s =>
  holds(
    s,
    fc.asyncProperty(
      fc.boolean(),
      fc.array(piece, { maxLength: 12 }),
      fc.integer({ min: 1, max: 100_000 }),
      async (asksFirst, pieces, size) => {
        const { service, warnings } = serviceWith({
          limits: { perMinute: 1_000_000 },
          play: ({ stdin, stdout, exit }) => {
            stdin.on('data', chunk => stdout.write(String(chunk.length)))
            stdin.on('end', () => exit({ exitCode: 0 }))
          },
        })
        const [near, far] = link()
        const served = serve(far, asker, service)
        const { heard, closed } = talker(near, 'root')
        const first = asksFirst ? [encodeJson('request', useRequest({ stdin: true }))] : []
        const bytes = Buffer.concat([...first, ...pieces])
        for (let at = 0; at < bytes.length; at += size) near.write(bytes.subarray(at, at + size))
        await settle(3)
        near.end()
        await served
        await closed
        const said = heard.map(({ name }) => `${name} `).join('')
        const isQuiet = service.admission.gate.active === 0 && service.admission.gate.locks.size === 0
        const isBroken = /"(?:error|trace)":/.test(JSON.stringify(warnings))
        return conversation.test(said) && isQuiet && !isBroken
      },
    ),
    { numRuns: 150 },
  ),
)
