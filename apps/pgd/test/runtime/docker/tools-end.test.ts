import t from 'tap'
import { thisProcess } from '../../../src/locks/holder.ts'
import type { Engine } from '../../../src/runtime/docker/engine.ts'
import { toolLabels } from '../../../src/runtime/docker/labels.ts'
import { endTools, sweepTools } from '../../../src/runtime/docker/tools-end.ts'

// That an engine lists and removes them so is in test/pgd/kill-docker.test.ts.
const account = { uid: 1000, gid: 1000, passwd: '/nowhere/passwd' }

/** An engine with containers of these labels, which tells what is removed. */
function engineWith(all: readonly Readonly<Record<string, string>>[]) {
  const removed: string[] = []
  const engine = {
    list: async (labels: Readonly<Record<string, string>>) =>
      all.flatMap((Labels, at) =>
        Object.entries(labels).every(([name, value]) => (value === '' ? name in Labels : Labels[name] === value))
          ? [{ Id: String(at), Labels }]
          : [],
      ),
    remove: async (id: string) => void removed.push(id),
  } as unknown as Engine
  return { engine, removed }
}

const labels = (uid: number, volume?: string) =>
  toolLabels(uid, { argv: ['initdb'], kind: { version: 17 }, ...(volume === undefined ? {} : { volume }) })
const gone = thisProcess().replace(/^\d+:\d+/, '4194304:1')

t.test('programs that work on a volume are ended, whoever waits for them', async t => {
  const { engine, removed } = engineWith([
    labels(1000, '/v/a'),
    { ...labels(1000, '/v/a'), 'pgd.holder': gone },
    labels(1000, '/v/ab'),
    labels(1001, '/v/a'),
    { 'pgd.account': '1000', 'pgd.key': 'abcdefghjk.1', 'pgd.volume': '/v/a' },
  ])
  await endTools(engine, account, '/v/a')
  t.same(removed, ['0', '1'])
})

t.test('of the rest those go whose call was killed', async t => {
  const { engine, removed } = engineWith([
    labels(1000, '/v/a'),
    { ...labels(1000, '/v/a'), 'pgd.holder': gone },
    { ...labels(1000), 'pgd.holder': gone },
    { ...labels(1001), 'pgd.holder': gone },
  ])
  await sweepTools(engine, account)
  t.same(removed, ['1', '2'])
})
