import t from 'tap'
import {
  branchTable,
  branchText,
  mendingText,
  projectTable,
  projectText,
  snapshotTable,
  walText,
} from '../../src/cli/view.ts'
import { branch, mending, plain, project, snapshot } from './support.ts'

t.test('a branch is shown with all that there is to say, and nothing that is not so', async s => {
  const text = branchText(branch)
  for (const line of ['Branch      shop/dev', 'State       running (as a test wants it)', 'Own space   1.5 kB']) {
    s.ok(text.split('\n').includes(line), line)
  }
  s.match(text, /^Memory +512 MB$/m)
  s.match(text, /^Undo .* 2026-01-31T08:00:00\.000Z$/m)
  s.notMatch(branchText(plain), /Protected|Expires|Ephemeral|Label|Memory|Undo|Parent|undefined/)
})

t.test('branches are one line each, with notes', async s => {
  const [head = '', first = '', second = ''] = branchTable([branch, plain]).split('\n')
  s.match(head, /^BRANCH +ID +STATE +PORT +PARENT +OWN +AGE +NOTE$/)
  s.match(first, /shop\/dev .* running +7001 +shop\/main +1\.5 kB .*protected, ephemeral, expires in \d+ d, word, as a/)
  s.match(second, /shop\/main .* stopped +7000 +- +- +\d+ \w+$/)
  s.match(branchTable([{ ...plain, expires: '2020-01-01T00:00:00.000Z' }]), /expired \d+ d$/)
})

t.test('a project is shown with the image, or the runtime where there is none', async s => {
  s.match(projectText(project), /^PostgreSQL +17 \(postgres:17\)\nBranches +2, of which 1 run$/m)
  const { image: _none, ...other } = project
  s.match(projectTable([{ ...other, runtime: 'process' }]), /17 \(process\)/)
  s.notMatch(projectText({ ...project, image: 'a\nb' }), /a\nb/)
})

t.test('a snapshot is shown with its label, or what it is for', async s => {
  s.match(snapshotTable([snapshot]), /kq7m2xw9pd +shop\/main +first +2026-\S+ +2\.0 kB +shop\/dev/)
  const { label: _none, ...other } = snapshot
  s.match(snapshotTable([{ ...other, kind: 'branch' }]), /\(of a branch\)/)
})

t.test('an archive says which times can be gone back to, and what lacks', async s => {
  const wal = { branch: 'shop/main', segments: 2, bytes: 33_554_432, gaps: [] }
  s.match(walText(wal), /^From +no instant can be gone back to$/m)
  s.notMatch(walText(wal), /Lacking|Failing|To /)
  const more = { ...wal, timeline: 1, from: 'a', to: 'b', gaps: ['1', '2', '3', '4', '5', '6'], failure: 'it broke' }
  s.match(walText(more), /^Lacking +1, 2, 3, 4, 5$/m)
  s.match(walText(more), /^Failing +it broke$/m)
})

t.test('what was done, would be, and could not be done are told apart', async s => {
  s.equal(mendingText([], false), 'Nothing to do')
  s.equal(mendingText([mending], false), 'done  shop/dev: is deleted (it expired)')
  const { reason: _none, ...open } = { ...mending, done: false }
  s.equal(mendingText([open], true), 'would  shop/dev: is deleted')
  s.equal(mendingText([open], false), 'not done  shop/dev: is deleted')
})
