import t from 'tap'
import { endOf } from '../../../src/store/zfs/delegated.ts'
import { listAll } from '../../../src/store/zfs/listing.ts'
import { zfsStore } from '../../../src/store/zfs/store.ts'
import { partial, type Zfs, type ZfsEnd } from '../../../src/store/zfs/verbs.ts'

const base = 'tank/pgd/databases'
const facts = 'id=aaaaaaaaaa,created=2026-01-01T00:00:00.000Z,runtime=process,version=15'

/** Rows of the base, which counts so many datasets below it, and of projects. */
const told = (count: number | string, ...projects: readonly string[]): ZfsEnd => ({
  stdout: [
    `${base}\tguid\t1\t-`,
    `${base}\tfilesystem_count\t${count}\t-`,
    `${base}\tsnapshot_count\t0\t-`,
    ...projects.flatMap(name => [`${base}/${name}\tguid\t2\t-`, `${base}/${name}\tpgd:project\t${facts}\tlocal`]),
  ].join('\n'),
})

/** A ZFS that lists in turn what it is given, the last for ever. */
function listing(...ends: readonly ZfsEnd[]) {
  const left = [...ends]
  let calls = 0
  const zfs = {
    ...{ base, mountpoint: `/${base}` },
    list: async () => {
      calls += 1
      return (left.length > 1 ? left.shift() : left[0]) as ZfsEnd
    },
  } as unknown as Zfs
  return { zfs, calls: () => calls }
}

const names = async (zfs: Zfs): Promise<string[]> => (await listAll(zfs)).projects.map(({ name }) => name)

t.test('a list that lacks what is counted is asked for again', async t => {
  const { zfs, calls } = listing(told(1), told(1), told(1, 'shop'))
  t.strictSame(await names(zfs), ['shop'])
  t.equal(calls(), 3)
})

t.test('a list that zfs complained of is asked for again', async t => {
  const words = 'cannot iterate filesystems: dataset is busy'
  const { zfs, calls } = listing({ failure: partial(words) }, told(1, 'shop'))
  t.strictSame(await names(zfs), ['shop'])
  t.equal(calls(), 2)
  t.match(endOf('get', null, 'rows', `${words}\n`), { failure: { kind: 'partial', words } })
  t.strictSame(endOf('get', null, 'rows', ''), { stdout: 'rows' })
  t.strictSame(endOf('snapshot', null, '', 'a warning\n'), { stdout: '' }, 'what is done is done')
})

t.test('a list that lacks something to the end is an error with what it lacks', async t => {
  await t.rejects(listAll(listing(told(3, 'shop')).zfs, [1, 1]), {
    ...{ code: 'PGD_STORE_UNAVAILABLE', program: 'zfs get' },
    message: /^Listing .* failed: "1 of 3 datasets and 0 of 0 snapshots were told of"$/,
  })
  const words = 'cannot iterate filesystems: I/O error'
  await t.rejects(listAll(listing({ failure: partial(words) }).zfs, [1]), {
    code: 'PGD_STORE_UNAVAILABLE',
    stderr: words,
  })
  await t.rejects(listAll(listing({ stdout: '' }).zfs, [1]), { code: 'PGD_STORE_UNAVAILABLE' }, 'not even the base')
})

t.test('what goes while it is listed lacks in no list', async t => {
  const { zfs, calls } = listing(told(2, 'shop'), told(1), told(0))
  t.strictSame(await names(zfs), ['shop'], 'which is all that the second one counts')
  t.equal(calls(), 2)
})

t.test('where nothing is counted nothing lacks', async t => {
  for (const count of ['none', '-', '18446744073709551615']) {
    const { zfs, calls } = listing(told(count, 'shop'))
    t.strictSame(await names(zfs), ['shop'])
    t.equal(calls(), 1)
  }
})

t.test('another failure is told at once', async t => {
  const words = "cannot open 'tank/pgd/databases': dataset does not exist"
  const { zfs, calls } = listing({ failure: { kind: 'notFound', verb: 'zfs get', words } })
  await t.rejects(listAll(zfs), { code: 'PGD_NOT_FOUND' })
  t.equal(calls(), 1)
})

t.test('a project is asked for alone, and only its own facts count', async t => {
  const has = (end: ZfsEnd) => zfsStore({ ...listing(told(0)).zfs, get: async () => end }).hasProject?.('shop' as never)
  t.equal(await has({ stdout: `${facts}\tlocal\n` }), true)
  t.equal(await has({ stdout: `${facts}\tinherited from tank\n` }), false)
  t.equal(await has({ stdout: '-\t-\n' }), false)
  t.equal(await has({ failure: { kind: 'notFound', verb: 'zfs get', words: '' } }), false)
  await t.rejects(has({ failure: partial('x') }) as Promise<boolean>, { code: 'PGD_STORE_UNAVAILABLE' })
  t.equal(await zfsStore(listing(told(1, 'shop')).zfs).hasProject?.('shop' as never), true, 'or in another list')
})
