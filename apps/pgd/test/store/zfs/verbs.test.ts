import { userInfo } from 'node:os'
import { join } from 'node:path'
import { recordingTransport, testBroker } from '@broker/privexec/testing'
import t from 'tap'
import { brokeredZfs, byBroker } from '../../../src/store/zfs/brokered.ts'
import { done } from '../../../src/store/zfs/failure.ts'
import { kindOf, type ZfsEnd } from '../../../src/store/zfs/verbs.ts'

const policy = join(import.meta.dirname, '../../../../../policies/examples/user-space-zfs/pgd.yaml')
const base = 'tank/pgd/databases'
const [project, main, dev] = [`${base}/acme`, `${base}/acme/main`, `${base}/acme/dev`]

t.test('each verb is one typed command that the shipped policy grants', async t => {
  const transport = recordingTransport()
  const broker = await testBroker(policy, transport)
  const zfs = brokeredZfs(
    base,
    `/${base}`,
    byBroker(async () => broker),
  )
  const ends = [
    await zfs.list(),
    await zfs.createProject(project, 'id=a'),
    await zfs.create(main, 'id=a'),
    await zfs.snapshot(`${main}@s1`, 'id=a'),
    await zfs.clone(`${main}@s1`, dev, 'id=a'),
    await zfs.set(main, 'pgd:volume', 'id=b'),
    await zfs.set(project, 'pgd:project', 'id=b'),
    await zfs.set(`${main}@s1`, 'pgd:snapshot', 'id=b'),
    await zfs.rename(dev, `${dev}__2`),
    await zfs.promote(dev),
    await zfs.destroy(`${main}@s1`),
    await zfs.mount(dev),
    await zfs.unmount(dev),
    await zfs.own(dev),
  ]
  t.strictSame(
    ends.filter(({ failure }) => failure !== undefined),
    [],
  )
  t.strictSame(
    transport.calls.slice(1).map(({ argv }) => argv.slice(3).join(' ')),
    [
      `/usr/sbin/zfs create -o canmount=off -o pgd:project=id=a ${project}`,
      `/usr/sbin/zfs create -o canmount=noauto -o pgd:volume=id=a ${main}`,
      `/usr/sbin/zfs snapshot -o pgd:snapshot=id=a ${main}@s1`,
      `/usr/sbin/zfs clone -o canmount=noauto -o pgd:volume=id=a ${main}@s1 ${dev}`,
      `/usr/sbin/zfs set pgd:volume=id=b ${main}`,
      `/usr/sbin/zfs set pgd:project=id=b ${project}`,
      `/usr/sbin/zfs set pgd:snapshot=id=b ${main}@s1`,
      `/usr/sbin/zfs rename ${dev} ${dev}__2`,
      `/usr/sbin/zfs promote ${dev}`,
      `/usr/sbin/zfs destroy ${main}@s1`,
      `/usr/sbin/zfs mount ${dev}`,
      `/usr/sbin/zfs unmount ${dev}`,
      `/usr/bin/chown --no-dereference -- ${userInfo().uid} /${dev}`,
    ],
  )
})

t.test('a failure has its kind, from the words of zfs or from the broker', async t => {
  const stderr = "cannot destroy 'x': dataset is busy\n"
  const broker = await testBroker(policy, recordingTransport({ 'zfs.destroy': { exitCode: 1, stderr } }))
  const zfs = brokeredZfs(
    base,
    `/${base}`,
    byBroker(async () => broker),
  )
  const kind = async (end: Promise<ZfsEnd>) => (await end).failure?.kind
  t.equal(await kind(zfs.destroy(main)), 'busy')
  t.equal(await kind(zfs.destroy('tank/other')), 'refused', 'which the policy does not allow')
  for (const [words, expected] of [
    ["cannot create 'tank/a': dataset already exists", 'exists'],
    ["cannot create 'tank/a/b': parent does not exist", 'notFound'],
    ["cannot open 'tank/a': dataset does not exist", 'notFound'],
    ["cannot create 'tank/a': out of space", 'noSpace'],
    ["cannot mount 'tank/a': failed to create mountpoint: Disk quota exceeded", 'noSpace'],
    ["cannot destroy 'tank/a': filesystem has children\nuse '-r' to destroy", 'hasDependents'],
    ["cannot destroy 'tank/a@s': snapshot has dependent clones", 'hasDependents'],
    ["cannot create 'tank/a': permission denied", 'refused'],
    ['filesystem successfully created, but it may only be mounted by root', 'refused'],
    ["cannot mount 'tank/a': filesystem already mounted", 'alreadyMounted'],
    ["cannot unmount 'tank/a': not currently mounted", 'notMounted'],
    ["cannot unmount '/tank/a': pool or dataset is busy", 'busy'],
    ["umount: /tank/a: target is busy.\ncannot unmount '/tank/a': umount failed: umount child process failed", 'busy'],
    ["cannot promote 'tank/a': not a cloned filesystem", 'notClone'],
    ['something else', 'other'],
  ] as const) {
    t.equal(kindOf(words), expected, words)
  }
})

t.test('a failure becomes the error of its class, with the words of zfs made safe', async t => {
  const failure = (kind: 'noSpace' | 'exists', words: string) =>
    Promise.resolve({ failure: { kind, verb: 'zfs clone', words, exitCode: 1 } })
  const words = "first\nsecond\nthird\ncannot \u001b[31mclone 'a': out of space\n"
  await t.rejects(done('Copying a', failure('noSpace', words)), {
    ...{ code: 'PGD_NO_SPACE', program: 'zfs clone', exitCode: 1, stderr: words },
    message: /^Copying a failed: "second; third; cannot \\u\{001b\}/,
  })
  await t.rejects(done('Making a', failure('exists', 'x')), { code: 'PGD_EXISTS' })
  t.equal(await done('Making a', failure('exists', 'x'), 'exists'), '')
  t.equal(await done('Listing a', Promise.resolve({ stdout: 'rows' })), 'rows')
})
