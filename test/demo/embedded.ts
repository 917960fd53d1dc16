import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { styleText } from 'node:util'
import { loadPolicy, type Policy } from '../../packages/privexec/src/index.ts'
import { renderSudoers } from '../../packages/privexec/src/render/sudoers.ts'
import { embeddedBroker } from '../embedded/broker.ts'
import { type EmbeddedHost, makeEmbeddedHost } from '../embedded/host.ts'
import { ruleMatcher } from '../embedded/rules.ts'
import { type Attack, attacks } from './attacks.ts'
import { auditSteps } from './audit.ts'
import { plainDatabaseSteps } from './databases.ts'
import { aliceSteps, appstoreSteps } from './scenario.ts'
import { printer, type Report, type Tally } from './step.ts'
import { withStore } from './store.ts'

/**
 * The same steps over stand-ins, for a reader without root or without Linux; `why` says in one line what is missing.
 * Needs no privilege and writes to one temporary directory only, which is removed. Returns the exit status.
 */
export async function embeddedDemo(why: string, isJson: boolean): Promise<number> {
  const tally: Tally = { steps: 0, failures: 0 }
  const report = printer(isJson, tally)
  const note = `No throwaway host (${why}): an embedded host with stand-ins for sudo, pct and zfs on plain directories; databases and the app store are real.`
  if (isJson) console.log(JSON.stringify({ note }))
  else console.log(note)
  const directory = mkdtempSync(join(tmpdir(), 'privexec-demo-'))
  const left: string[] = []
  try {
    const host = makeEmbeddedHost(directory)
    const appstore = await loadPolicy('policies/appstore.yaml')
    const pgd = await loadPolicy('policies/pgd.yaml')
    const files = [await act(host, 'appstore', appstore, report), await act(host, 'alice', pgd, report)]
    const rules = { appstore: ruleMatcher(renderSudoers(appstore)), alice: ruleMatcher(renderSudoers(pgd)) }
    for (const attack of attacks) askRules(attack, rules[attack.account], report)
    await auditSteps(files, report, true)
    await plainDatabaseSteps(join(directory, 'home'), report)
    left.push(...(await withStore(report, { mayLook: !isJson })))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
  const ok = tally.failures === 0 && left.length === 0
  if (isJson) console.log(JSON.stringify({ end: true, ok, host: 'embedded', left }))
  else {
    for (const line of left) console.log(styleText('red', `left behind: ${line}`))
    console.log('\nNothing was privileged here: run it as root on Debian for real sudo, containers and datasets.')
    console.log(ok ? 'Every step went as it should.' : styleText('red', 'Not every step went as it should.'))
  }
  return ok ? 0 : 1
}

async function act(host: EmbeddedHost, account: 'appstore' | 'alice', policy: Policy, report: Report): Promise<string> {
  const file = join(host.directory, `audit-${policy.name}.jsonl`)
  const broker = await embeddedBroker(host, policy, account, file)
  const part = `${account}, by name only: everything below is done by this process with its own rights`
  const scene = { broker, report, part, mountOf: host.mountOf, standIn: true }
  await (account === 'alice' ? aliceSteps(scene) : appstoreSteps(scene))
  await broker.close()
  return file
}

/** No sudo to ask, so its rendered rules are; a legal neighbour shows that they would let something through. */
function askRules({ title, argv, account }: Attack, isAllowed: (argv: readonly string[]) => boolean, report: Report) {
  const legal = argv.map(word => legalNeighbour[word] ?? word)
  const [bad, good] = [isAllowed(argv), isAllowed(legal)]
  report({
    part: 'Attacks around the library, asked of the rendered sudoers rules by a matcher of ours, not of sudo',
    title: `${account} ${title}`,
    argv: ['sudo', '-n', '--', ...argv],
    lines: [bad ? 'a rule matches' : 'no rule matches', `within its bounds, ${good ? 'one does' : 'none does either'}`],
    ok: good && !bad,
    standIn: true,
  })
}

/** What each attack would have had to say to stay within the policy. */
const legalNeighbour: Readonly<Record<string, string>> = {
  '104': '20001',
  '/etc/shadow': `/var/lib/privexec/staging/appstore/drop/${'0'.repeat(32)}`,
  'tank/other': 'tank/pgd/databases/shop/main',
}
