import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../../packages/privexec/test/support/property.ts'
import { parseBytes } from '../../src/names/bytes.ts'
import { parseCpus } from '../../src/names/cpus.ts'
import { parsePort } from '../../src/names/port.ts'
import { parseSpan } from '../../src/names/span.ts'
import { parseVersion } from '../../src/names/version.ts'
import { refusal, refusesAll, refusesOrReads } from './support.ts'

const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, -0, 0]
const oddTexts = ['', ' ', '0', '-1', '1e3', '0x10', 'NaN', 'Infinity', '٣', '1\n', '+1', ' 1', '1 ', '1_0']

t.test('a version is a major one from 13 to 18', async t => {
  t.same(['13', '17', '18'].map(parse(parseVersion)), [13, 17, 18])
  refusesAll(t, [...odd, ...oddTexts, 12, 19, 17.5, '12', '19', '17.2', '017', '17beta1'], parseVersion)
  await refusesOrReads(t, '0123456789.', parseVersion, (version, text) => String(version) === text)
})

t.test('a port is one that a normal user may listen on', async t => {
  await holds(
    t,
    fc.property(fc.integer({ min: -10, max: 70_000 }), port => {
      const isRefused = refusal(() => parsePort(String(port))) !== undefined
      return (
        isRefused === (port < 1024 || port > 65_535) && isRefused === (refusal(() => parsePort(port)) !== undefined)
      )
    }),
    { numRuns: 2000 },
  )
  t.same(['1024', '65535', 6500].map(parse(parsePort)), [1024, 65_535, 6500])
  refusesAll(t, [...odd, ...oddTexts, 1023, 65_536, 6500.5, '1023', '65536', '06500', '6500.0'], parsePort)
  await refusesOrReads(t, '0123456789', parsePort, (port, text) => String(port) === text)
})

t.test('processors are given in hundredths', async t => {
  t.same(['2', '0.5', '1.25', '0.01', '1024', 0.1, 0.29].map(parse(parseCpus)), [2, 0.5, 1.25, 0.01, 1024, 0.1, 0.29])
  refusesAll(t, [...odd, 0.001, 1.005, 1025, ...oddTexts, '0.001', '1025', '.5', '1.', '0.00'], parseCpus)
  await refusesOrReads(t, '0123456789.', parseCpus, (cpus, text) => cpus === Number(text) && cpus >= 0.01)
})

t.test('a size is a whole number of units of 1024', async t => {
  t.same(['1k', '512m', '2g', '2G', '3MB', '4GiB', '1024t', 4096].map(parse(parseBytes)), [
    1024,
    536_870_912,
    2_147_483_648,
    2_147_483_648,
    3_145_728,
    4_294_967_296,
    2 ** 50,
    4096,
  ])
  refusesAll(t, [...odd, ...oddTexts, 1023, 1024.5, 2 ** 51, '512', '1.5g', '2gg', '2 g', '1025t', '2i'], parseBytes)
  await refusesOrReads(t, '0123456789kmgtKMGTib', parseBytes, bytes => Number.isSafeInteger(bytes) && bytes >= 1024)
})

t.test('a length of time is 1 s to 3650 days', async t => {
  t.same(
    ['1s', '30s', '10m', '2h', '7d', '3650d', 1500].map(parse(parseSpan)),
    [1000, 30_000, 600_000, 7_200_000, 604_800_000, 315_360_000_000, 1500],
  )
  refusesAll(
    t,
    [...odd, ...oddTexts, 999, 1500.5, 1e12, '3651d', '100ms', '1.5h', '1h30m', '2w', '2H', '01s'],
    parseSpan,
  )
  await refusesOrReads(t, '0123456789smhd', parseSpan, span => Number.isInteger(span) && span >= 1000)
})

/** A parser as `map` calls it. */
function parse<T>(parser: (text: string | number, field: string) => T): (text: string | number) => T {
  return text => parser(text, 'that')
}
