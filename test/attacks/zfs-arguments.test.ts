import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { attack } from './support/attack.ts'
import { anyAccepted, mountFrame } from './support/frames.ts'
import { library, reachedSudo } from './support/library.ts'
import { askPgd } from './support/root-side.ts'
import { anyRan, setScene, skip, sudo, zfs } from './support/scene.ts'

setScene({ zfs: true })

const base = 'tank/pgd/databases/shop'
const shop = `${base}/main`
const spaced = `${base}/a b`

/** As root, what the machine's administrator does. */
const byRoot = (...args: string[]) => spawnSync('/usr/sbin/zfs', args, { encoding: 'utf8' })

if (skip === false) byRoot('create', '-o', 'canmount=noauto', spaced)

const mounted = (dataset: string): boolean => readFileSync('/proc/1/mounts', 'utf8').includes(`${dataset} `)
const setMounted = (dataset: string, wanted: boolean): void => {
  if (mounted(dataset) !== wanted) byRoot(wanted ? 'mount' : 'unmount', dataset)
}

/** Every use of `mount` and `unmount` that names no dataset of ours, or more than one. */
const otherUses = [
  ['mount', '-a'],
  ['mount', '-O', shop],
  ['mount', '-f', shop],
  ['mount', '-l', shop],
  ['mount', '-R', shop],
  ['mount', '-o', 'suid', shop],
  ['mount', '-v', '-a'],
  ['mount'],
  ['mount', 'tank/other'],
  ['mount', shop, 'tank/other'],
  ['unmount', '-a'],
  ['unmount', '-f', shop],
  ['unmount', '-u', shop],
  ['unmount', '/tank/other'],
  ['unmount', 'tank/other'],
  ['unmount'],
  ['umount', shop],
  ['destroy', shop],
]

attack({
  id: 'A04',
  title: 'no other use of `zfs mount` and `zfs unmount` reaches a dataset of somebody else',
  shown: '`zfs mount -a` mounts, and `zfs unmount PATH` unmounts, a dataset of somebody else',
  stoppedBy: 'the rule holds the verb and one dataset below the base; no option, no path, no empty list',
  baseline: async () => {
    setMounted('tank/other', false)
    await sudo('alice', zfs('mount', '-a'))
    const all = mounted('tank/other')
    await sudo('alice', zfs('unmount', '/tank/other'))
    return all && !mounted('tank/other')
  },
  honest: async () => {
    setMounted(shop, false)
    await library('alice', [{ command: 'zfs.mount', input: { dataset: shop } }])
    const there = mounted(shop)
    await library('alice', [{ command: 'zfs.unmount', input: { dataset: shop } }])
    return there && !mounted(shop)
  },
  ours: {
    library: async () => {
      const inputs = otherUses.map(([verb, ...rest]) => ({
        command: `zfs.${verb}`,
        input: { dataset: rest.join(' ') },
      }))
      return reachedSudo(
        await library(
          'alice',
          inputs.filter(
            ({ command, input }) => /mount$/.test(command) && command !== 'zfs.umount' && input.dataset !== shop,
          ),
        ),
      )
    },
    sudo: async () => {
      const uses = otherUses.map(use => zfs(...use))
      setMounted('tank/other', false)
      const took = (await anyRan('alice', uses)) || mounted('tank/other')
      setMounted('tank/other', true)
      const gone = (await anyRan('alice', uses)) || !mounted('tank/other')
      return took || gone
    },
    daemon: async () => {
      const uses = otherUses.flatMap(([verb = '', ...rest]) => [
        mountFrame(rest.join(' '), verb),
        { command: `zfs.${verb}`, input: { arguments: rest } },
      ])
      const others = uses.filter(use => JSON.stringify(use) !== JSON.stringify(mountFrame(shop, 'mount')))
      setMounted('tank/other', false)
      const took = anyAccepted(await askPgd(others)) || mounted('tank/other')
      setMounted('tank/other', true)
      return took || anyAccepted(await askPgd([mountFrame('/tank/other', 'unmount')])) || !mounted('tank/other')
    },
  },
  onDaemon: {
    stoppedBy: 'a request has one field, a dataset below the base; a guard looks where it is mounted',
    honest: async () => {
      setMounted(shop, false)
      await askPgd([mountFrame(shop)])
      const there = mounted(shop)
      await askPgd([mountFrame(shop, 'unmount')])
      return there && !mounted(shop)
    },
  },
})

const tricks = [
  spaced,
  `${base}/main@snapshot`,
  `${base}/main#bookmark`,
  `${base}/a:b`,
  `${base}/a.b`,
  `${base}/..`,
  `${base}/../../other`,
  `${base}/%recv`,
  `${base}/-o`,
  `${base}//main`,
  `${base}/main/`,
  `${base}/a/b/c/d`,
  `${base}/${'x'.repeat(64)}`,
  `${base}`,
  `tank/pgd/databasesx/shop/main`,
  `/${base}/main`,
  `tank/pgd/Databases/shop/main`,
  `${base}/main tank/other`,
]

attack({
  id: 'A26',
  title: 'a name that ZFS allows but that means two things is refused',
  shown: 'a dataset with a blank in its name is mounted: a rule sees two arguments, ZFS one',
  stoppedBy: 'names are two components below the base, of letters, digits, _ and -, 63 characters at most',
  baseline: () => mountsSpaced(() => sudo('alice', zfs('mount', spaced))),
  ours: {
    library: async () => {
      const inputs = tricks.flatMap(name => [
        { command: 'zfs.mount', input: { dataset: name } },
        { command: 'zfs.unmount', input: { dataset: name } },
      ])
      return reachedSudo(await library('alice', inputs))
    },
    sudo: async () => {
      let ran = false
      const mounted = await mountsSpaced(async () => {
        ran = await anyRan(
          'alice',
          tricks.map(name => zfs('mount', name)),
        )
      })
      return mounted || ran
    },
    daemon: () =>
      mountsSpaced(async () => {
        const verbs = ['mount', 'unmount'].flatMap(verb => tricks.map(name => mountFrame(name, verb)))
        if (anyAccepted(await askPgd(verbs))) throw new Error('a name was taken')
      }),
  },
  onDaemon: {
    stoppedBy: 'the same names, checked by root',
  },
})

async function mountsSpaced(mount: () => Promise<unknown>): Promise<boolean> {
  await mount()
  const there = mounted(String.raw`/tank/pgd/databases/shop/a\040b`)
  byRoot('unmount', spaced)
  return there
}
