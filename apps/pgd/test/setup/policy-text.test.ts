import { readFile } from 'node:fs/promises'
import { parsePolicy } from '@broker/privexec'
import t from 'tap'
import { baseOfText, policyText } from '../../src/setup/policy-text.ts'
import { readWish } from '../../src/setup/wish.ts'

const wish = readWish({ pool: 'tank' })
const shipped = (name: string) => readFile(new URL(`../../../../policies/${name}`, import.meta.url), 'utf8')

/** What a policy allows. */
async function grantsOf(text: string) {
  const { name, principal, transport, grants } = await parsePolicy(text)
  return { name, principal, transport, grants: grants.map(({ command, where }) => ({ id: command.id, where })) }
}

t.test('with delegation it allows what the shipped policy does', async s => {
  const text = policyText(wish, { transport: 'sudo', hasDelegation: true })
  s.strictSame(await grantsOf(text), await grantsOf(await shipped('pgd.yaml')))
})

t.test('without delegation it allows what the shipped example does, and names the mount point', async s => {
  const text = policyText(wish, { transport: 'daemon', hasDelegation: false })
  const { grants, ...rest } = await grantsOf(text)
  const theirs = await grantsOf(await shipped('examples/user-space-zfs/pgd.yaml'))
  const place = { base: { dataset: wish.base, depth: 2, mountpoint: '/var/lib/pgd/databases' } }
  s.match(rest, { name: theirs.name, principal: theirs.principal, transport: 'daemon' })
  s.strictSame(
    grants,
    theirs.grants.map(({ id, where }) => ({ id, where: id === 'zfs.own' ? place : where })),
  )
})

t.test('a policy of the setup tells its base, another one does not', async s => {
  s.equal(baseOfText(policyText(wish, { transport: 'daemon', hasDelegation: true })), wish.base)
  s.equal(baseOfText(await shipped('pgd.yaml')), undefined)
})
