import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../../packages/privexec/test/support/property.ts'
import { longestFacts, parseFacts, renderFacts } from '../../src/facts/codec.ts'
import type { ProjectFacts, SnapshotFacts, VolumeFacts } from '../../src/facts/model.ts'
import { parseProject, renderProject } from '../../src/facts/project.ts'
import { parseSnapshot, renderSnapshot } from '../../src/facts/snapshot.ts'
import { parseVolume, renderVolume } from '../../src/facts/volume.ts'
import { newId } from '../../src/names/id.ts'
import { anyCharacters } from '../names/support.ts'

const id = fc.constant(0).map(newId)
const instant = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) })
const label = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.:+/@-]{0,99}$/)
const uuid = fc.uuid()
const holder = fc.tuple(fc.nat({ max: 4e6 }), fc.nat(), uuid).map(([pid, start, boot]) => `${pid + 1}:${start}:${boot}`)
const hundredths = fc.integer({ min: 1, max: 102_400 }).map(count => count / 100)

const project = fc.record(
  {
    id,
    created: instant,
    runtime: fc.constantFrom('docker', 'process'),
    version: fc.integer({ min: 13, max: 18 }),
    image: fc.constantFrom('postgres:17', 'localhost:5000/a/b@sha256:'.concat('0f'.repeat(32))),
  },
  { requiredKeys: ['id', 'created', 'runtime', 'version'] },
) as fc.Arbitrary<ProjectFacts>
const volume = fc.record(
  {
    id,
    state: fc.constantFrom('creating', 'ready', 'retired', 'deleting'),
    created: instant,
    port: fc.integer({ min: 1024, max: 65_535 }),
    wanted: fc.constantFrom('running', 'stopped'),
    parent: id,
    dataTime: instant,
    isProtected: fc.constant(true),
    expires: instant,
    holder,
    label,
    memory: fc.integer({ min: 1024, max: 2 ** 50 }),
    cpus: hundredths,
  },
  { requiredKeys: ['id', 'state', 'created', 'port', 'wanted'] },
) as fc.Arbitrary<VolumeFacts>
const snapshot = fc.record(
  {
    id,
    kind: fc.constantFrom('user', 'branch'),
    created: instant,
    label,
    timeline: fc.integer({ min: 1, max: 0xffff_ffff }),
    segment: fc.stringMatching(/^[0-9A-F]{24}$/),
  },
  { requiredKeys: ['id', 'created', 'kind'] },
) as fc.Arbitrary<SnapshotFacts>

const kinds = {
  project: { facts: project, render: renderProject, parse: parseProject },
  volume: { facts: volume, render: renderVolume, parse: parseVolume },
  snapshot: { facts: snapshot, render: renderSnapshot, parse: parseSnapshot },
} as unknown as Record<
  string,
  { facts: fc.Arbitrary<object>; render: (facts: object) => string; parse: (text: string) => object | undefined }
>

const sorted = (value: object | undefined): unknown =>
  value && Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))

const same = (one: string, other: string): boolean => one.split(',').sort().join() === other.split(',').sort().join()

for (const [name, { facts, render, parse }] of Object.entries(kinds)) {
  t.test(`facts of a ${name} are read as they were written`, async t => {
    const property = fc.property(facts, value => {
      const text = render(value)
      return JSON.stringify(sorted(parse(text))) === JSON.stringify(sorted(value)) && text.length <= longestFacts
    })
    await holds(t, property, { numRuns: 500 })
  })

  t.test(`a text that is no facts of a ${name} reads as none`, async t => {
    const damage = fc.tuple(facts, fc.nat(), fc.constantFrom(',', '=', ' ', '\n', 'x', '', ',a=b', '0', '-'))
    const property = fc.property(damage, ([value, at, inserted]) => {
      const text = render(value)
      const place = at % (text.length + 1)
      const damaged = text.slice(0, place) + inserted + text.slice(place + (at % 3))
      const found = parse(damaged)
      // Some damage makes other facts, such as a longer label; those must be written as they were read.
      return found === undefined || same(render(found), damaged)
    })
    await holds(t, property, { numRuns: 1000 })
    await holds(
      t,
      fc.property(anyCharacters(80), text => parse(text) === undefined),
    )
  })

  t.test(`facts of a ${name} with a key too many, one too few, or one twice are not ours`, async t => {
    const [value] = fc.sample(facts, 1)
    const text = render(value ?? {})
    const pairs = text.split(',')
    t.equal(parse(`${text},more=1`), undefined)
    t.equal(parse(`${text},${pairs[0]}`), undefined)
    t.equal(parse(pairs.filter(pair => !pair.startsWith('id=')).join(',')), undefined)
    t.equal(parse(pairs.filter(pair => !pair.startsWith('created=')).join(',')), undefined)
    t.equal(parse(''), undefined)
    const others = Object.values(kinds).filter(kind => kind.parse !== parse)
    t.ok(
      others.every(kind => kind.parse(text) === undefined),
      'one kind is not taken for another',
    )
  })
}

t.test('a protection that is off is as none', async t => {
  const [facts] = fc.sample(volume, 1)
  const text = renderVolume({ ...(facts as VolumeFacts), isProtected: false })
  t.notMatch(text, 'protected')
})

t.test('values that facts cannot hold are an error of the program', async t => {
  t.throws(() => renderFacts({ label: 'a,b' }), TypeError)
  t.throws(() => renderFacts({ label: 'a b' }), TypeError)
  t.throws(() => renderFacts({ label: 'x'.repeat(longestFacts) }), TypeError)
  t.equal(parseFacts(`a=${'x'.repeat(longestFacts)}`), undefined)
})
