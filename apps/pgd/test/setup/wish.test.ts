import t from 'tap'
import { readWish } from '../../src/setup/wish.ts'

t.test('a pool is enough', async s => {
  s.strictSame(readWish({ pool: 'tank' }), {
    ...{ pool: 'tank', users: [], group: 'pgd', mountRoot: '/var/lib/pgd' },
    ...{ parent: 'tank/pgd', base: 'tank/pgd/databases', mountpoint: '/var/lib/pgd/databases' },
  })
})

t.test('an account that is named twice counts once, and a size is in bytes', async s => {
  s.match(readWish({ pool: 'p', users: ['alice', 'bob', 'alice'], quota: '2g' }), {
    users: ['alice', 'bob'],
    quota: 2 ** 31,
  })
})

t.test('what could be an option, another path or a right is refused', async s => {
  const bad = [
    ...['', '-f', 'tank/x', 'a b', 'tank@x', '9p', 'x'.repeat(41)].map(pool => ({ pool })),
    ...['root', '-x', 'a b', 'A', ''].map(user => ({ pool: 'tank', users: [user] })),
    ...['root', '', '../x'].map(group => ({ pool: 'tank', group })),
    ...['0', '-1', 'much', '1'].map(quota => ({ pool: 'tank', quota })),
    ...['x', '/', '/pgd', '/srv/', '/srv/../etc', '/srv//x', '/etc/pgd', '/usr/pgd', '/srv/.x', '/srv/a b'].map(
      mountRoot => ({ pool: 'tank', mountRoot }),
    ),
  ]
  for (const options of bad) s.throws(() => readWish(options), { code: 'PGD_INPUT_INVALID' }, JSON.stringify(options))
})
