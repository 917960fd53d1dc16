import t from 'tap'
import { z } from 'zod'
import {
  baseItself,
  datasetBelow,
  memberBelow,
  otherDatasetBelow,
  parentBelow,
  snapshotBelow,
} from '../../src/argument/dataset.ts'
import type { ArgumentType } from '../../src/argument/type.ts'
import { checkWords } from '../support/words.ts'

const base = 'tank/pgd/databases'
const long = `a${'b'.repeat(62)}`
const below = (...names: string[]) => names.map(name => `${base}/${name}`)

t.test('a dataset lies one component below its base', async t => {
  const illegal = [
    ...[base, `${base}x/a`, 'tank/other', 'tank/pgd', 'TANK/pgd/databases/a', `x${base}/a`, `/${base}/a`, 'a', '-a'],
    ...below('', 'a/b', `${long}c`, '../other', 'a/', '/a', 'a@snapshot', 'a#bookmark', 'a%recv', 'a:b', 'a.b', '.a'),
    ...below('-a', '_a', 'a b', 'a//b', 'ä'),
  ]
  checkWords(t, datasetBelow('base', { dataset: base, depth: 1 }), below('a', 'shop', '0', 'A-b_c', long), illegal)
})

t.test('a policy may say another depth, and it is that depth alone', async t => {
  const type = datasetBelow('base', { dataset: base, depth: 2 })
  checkWords(t, type, below('a/b', `${long}/${long}`), [base, ...below('a', 'a/b/c')])
})

t.test('a whole name stays below the 255 bytes of ZFS', async t => {
  const dataset = 'b'.repeat(60)
  const { bound } = datasetBelow('base')
  t.ok(bound?.schema(z).safeParse({ dataset, depth: 3 }).success)
  const name = [dataset, long, long, long].join('/')
  checkWords(t, bound?.narrow({ dataset, depth: 3 } as never) as ArgumentType<string>, [name], [`${name}a`])
  t.ok(name.length < 255)
})

t.test('a base is a dataset name that leaves room below it', async t => {
  const schema = datasetBelow('base').bound?.schema(z)
  for (const good of ['tank', base, 'a/b/c/d/e', { dataset: base, depth: 3 }]) {
    t.ok(schema?.safeParse(good).success, JSON.stringify(good))
  }
  for (const bad of [
    ...['', '/tank', 'tank/', 'tank//a', 'tank/..', 'a/b/c/d/e/f', 'b'.repeat(61), 'tank a', 'tank\n', '-a', 1, null],
    ...[[base], { dataset: base }, { depth: 1 }, { dataset: '/', depth: 1 }, { dataset: base, depth: 1, more: 1 }],
    ...[0, 4, 1.5, '1'].map(depth => ({ dataset: base, depth })),
  ]) {
    t.notOk(schema?.safeParse(bad).success, JSON.stringify(bad))
  }
})

t.test('a policy cannot leave the base of a definition', async t => {
  const { bound } = datasetBelow('base', { dataset: base, depth: 1 })
  for (const other of ['tank', `${base}/a`, { dataset: base, depth: 2 }]) {
    t.throws(() => bound?.narrow(other as never), { code: 'PRIVEXEC_POLICY_INVALID' }, JSON.stringify(other))
  }
  t.ok(bound?.narrow(base as never))
})

t.test('the names around a dataset keep to its depth too', async t => {
  const of = { dataset: base, depth: 2 }
  const [parents, datasets, snapshots] = [below('a', long), below('a/b', `${long}/0`), below('a/b@s', `a/b@${long}`)]
  const outside = [base, ...below('', 'a/b/c', 'a/b/c@s', 'a@s', '@s', 'a/b@', 'a/b@s@s', 'a/b@s/c', 'a/b@-s', 'a/b#s')]
  checkWords(t, otherDatasetBelow('base', of), datasets, [...outside, ...parents, ...snapshots])
  checkWords(t, parentBelow('base', of), parents, [...outside, ...datasets, ...snapshots])
  checkWords(t, snapshotBelow('base', of), snapshots, [...outside, ...parents, ...datasets])
  checkWords(t, memberBelow('base', of), [...parents, ...datasets, ...snapshots], outside)
  checkWords(t, baseItself('base', of), [base], [...outside.slice(1), ...parents, ...datasets, ...snapshots])
})

t.test('a base of depth 1 leaves no parent that could be created or destroyed', async t => {
  for (const type of [parentBelow('base'), memberBelow('base')]) {
    const schema = type.bound?.schema(z)
    for (const bad of [base, { dataset: base, depth: 1 }]) t.notOk(schema?.safeParse(bad).success, JSON.stringify(bad))
    t.ok(schema?.safeParse({ dataset: base, depth: 2 }).success)
  }
})
