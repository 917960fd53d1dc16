import t from 'tap'
import { parsePolicy } from '../../src/policy/load.ts'
import { renderTable } from '../../src/render/table.ts'
import { grantText, policyText, shipped } from '../support/policies.ts'
import { appstoreByDaemon, appstoreBySudo } from './units/support.ts'

t.test('the page names principal, commands, bounds, time limits and the rule', async t => {
  const page = renderTable(await shipped('appstore'))
  t.match(page, /`appstore`, as `root`/)
  t.match(page, /\| `pct\.exec` \| .* \| `vmid: 20000-20999` \| 30 min \|/)
  t.match(page, /\| `perms` \(optional\) \| file mode \|/)
  t.match(page, /\n\^--mount=.*\$\n/)
  t.match(renderTable(await shipped('pgd')), /members of the group `pgd`/)
})

t.test('a time limit is said in the largest unit that fits', async t => {
  const times = ['1s', '90s', '60s', '2h', '61m']
    .map(timeout => grantText('zfs.mount', '{ base: tank }', timeout))
    .join('\n')
  const page = renderTable(await parsePolicy(policyText({ grants: times })))
  t.strictSame(page.match(/\| [0-9]+ (?:s|min|h) \|/g), ['| 1 s |', '| 90 s |', '| 1 min |', '| 2 h |', '| 61 min |'])
})

t.test('every row of a table has as many cells as its head', async t => {
  for (const name of ['appstore', 'pgd'] as const) {
    let cells = 0
    for (const line of renderTable(await shipped(name)).split('\n')) {
      const count = line.startsWith('|') ? line.replaceAll('\\|', '').split('|').length : 0
      if (cells > 0 && count > 0) t.equal(count, cells, line)
      cells = count
    }
  }
})

t.test('where root has a broker, the table tells guards with their settings, and limits', async t => {
  const table = renderTable(appstoreByDaemon)
  t.match(table, /by the transport `daemon`/)
  t.match(table, /^\| `own-container` \| .* \| `pool: appstore`, `tags: appstore, managed`, `privileged: false` \|$/m)
  t.match(table, /^At most 16 operations at the same time, 64 more that wait, 6000 requests in a minute/m)
  t.notMatch(renderTable(appstoreBySudo), /own-container|At most|transport/)
})
