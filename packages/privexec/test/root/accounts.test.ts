import { renameSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { openAccounts } from '../../src/root/accounts.ts'
import { newDirectory } from './support/warden.ts'

function files(passwd: string, group: string) {
  const directory = newDirectory()
  const paths = { passwd: join(directory, 'passwd'), group: join(directory, 'group') }
  writeFileSync(paths.passwd, passwd)
  writeFileSync(paths.group, group)
  return { ...paths, accounts: openAccounts(paths.passwd, paths.group) }
}

t.test('accounts and groups are found by what the files of this machine say', async s => {
  const accounts = openAccounts()
  s.equal(accounts.userName(0), 'root')
  s.equal(accounts.groupId('root'), 0)
  s.equal(accounts.userName(0xffffffff), undefined)
  s.equal(accounts.groupId('no-such-group'), undefined)
})

t.test('a line without a number is nobody, and never root', async s => {
  const { accounts } = files(
    'a:x::0::/:\nb:x\nc:x: :\nd:x:0x0:0\ne:x:7e0:1\n:x:5:5\n',
    'a:x::\nb:x:-1:\nc:x:4294967295:\n:x:0:\n',
  )
  for (const uid of [0, 5, 7]) s.equal(accounts.userName(uid), undefined)
  for (const name of ['a', 'b', 'c', '']) s.equal(accounts.groupId(name), undefined)
})

t.test('of two lines with one number or one name the first counts', async s => {
  const { accounts } = files('root:x:0:0::/:\ntoor:x:0:0::/:\n', 'pgd:x:5:\npgd:x:0:\n')
  s.equal(accounts.userName(0), 'root')
  s.equal(accounts.groupId('pgd'), 5)
})

t.test('a file that was replaced or written to is read again', async s => {
  const { accounts, passwd, group } = files('alice:x:7:7::/:\n', 'pgd:x:5:\n')
  s.equal(accounts.userName(7), 'alice')
  s.equal(accounts.groupId('pgd'), 5)
  // As long as before, and as old: what differs is the file.
  writeFileSync(`${passwd}.new`, 'bobby:x:7:7::/:\n')
  utimesSync(`${passwd}.new`, 1, 1)
  utimesSync(passwd, 1, 1)
  s.equal(accounts.userName(7), 'alice')
  renameSync(`${passwd}.new`, passwd)
  s.equal(accounts.userName(7), 'bobby')
  writeFileSync(group, 'pgd:x:15:\n')
  s.equal(accounts.groupId('pgd'), 15)
})

t.test('a file is read again when its text was replaced by one of the same length', async s => {
  const { accounts, passwd } = files('alice:x:7:7::/:\n', '')
  s.equal(accounts.userName(7), 'alice')
  // The clock of file systems ticks every few milliseconds.
  await delay(30)
  writeFileSync(passwd, 'bobby:x:7:7::/:\n')
  s.equal(accounts.userName(7), 'bobby')
})

t.test('without the files nothing is guessed', async s => {
  const accounts = openAccounts('/nowhere/passwd', '/nowhere/group')
  s.throws(() => accounts.userName(0), { code: 'ENOENT' })
  s.throws(() => accounts.groupId('root'), { code: 'ENOENT' })
})
