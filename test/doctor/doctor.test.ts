import t from 'tap'
import { hostFacts, insideHost, prepareHost } from '../host/prepare.ts'
import { dropInFaults } from './faults/drop-in.ts'
import { fileFaults } from './faults/files.ts'
import { rightsFaults } from './faults/rights.ts'
import { zfsFaults } from './faults/zfs.ts'
import { isFoundBy } from './support/fault.ts'
import { errorsIn, install, look, sh } from './support/install.ts'

const skip = insideHost()
  ? false
  : 'needs the throwaway host: node test/host/run.ts -- tap --jobs=1 test/doctor/*.test.ts'
if (skip === false) {
  prepareHost({ zfs: true })
  install()
}

const good = skip === false ? { appstore: await look('appstore'), pgd: await look('pgd') } : { appstore: [], pgd: [] }

t.test('a good installation has no error, and every check says so', { skip }, async s => {
  for (const policy of ['appstore', 'pgd'] as const) {
    const list = good[policy]
    s.strictSame(errorsIn(list), [], policy)
    const well = list.filter(({ level }) => level === 'ok').map(({ check }) => check)
    for (const check of [
      'sudo',
      'drop-in',
      'neighbours',
      'rights',
      'groups',
      'programs',
      'staging',
      'zfs',
      'audit',
      'process',
    ]) {
      s.ok(well.includes(check), `${policy}: ${check} is well`)
    }
    s.strictSame(
      list.filter(({ level, check }) => level === 'warning' && check !== 'kernel'),
      [],
      `${policy}: no warning`,
    )
  }
})

t.test('a kernel that follows planted links is an error where content is staged', { skip }, async s => {
  const found = good.appstore.some(
    ({ level, message }) => level === 'error' && message.startsWith('fs.protected_symlinks'),
  )
  s.equal(found, hostFacts().protectedSymlinks === 0)
})

t.test('a zfs without delegation is said to be one', { skip }, async s => {
  const notes = good.pgd.filter(({ level }) => level === 'note').map(({ message }) => message)
  s.ok(notes.some(message => /Delegation on tank\/pgd\/databases cannot be read: this zfs answers/.test(message)))
})

for (const fault of [...dropInFaults, ...rightsFaults, ...fileFaults, ...zfsFaults]) {
  t.test(`found: ${fault.title}`, { skip }, async s => {
    sh(fault.plant)
    const list = await look(fault.policy).finally(() => sh(fault.undo))
    const found = list
      .filter(({ level }) => level !== 'ok')
      .map(({ check, level, message }) => `${level} ${check}: ${message}`)
    s.ok(list.some(isFoundBy(fault)), `${fault.level} ${fault.check}: ${fault.message}`, { found })
    s.notOk(good[fault.policy].some(isFoundBy(fault)), 'and it is not found where it is not')
  })
}

t.test('after all faults were taken away, the installation is good again', { skip }, async s => {
  for (const policy of ['appstore', 'pgd'] as const) s.strictSame(errorsIn(await look(policy)), [], policy)
})
