import t from 'tap'
import type { Broker, CommandInput } from '../../src/index.ts'
import {
  argument,
  containerId,
  defineCommand,
  fileMode,
  option,
  pctExec,
  pctPush,
  program,
  zfsMount,
} from '../../src/index.ts'

/* What must not compile. The compiler checks this file: an expectation without an error is one. */
export const inputs = (broker: Broker): unknown[] => [
  broker.decide(pctExec, { vmid: 20_001, command: ['apt-get', 'update'] }),
  broker.decide(pctPush, { vmid: 20_001, content: new Uint8Array(), destination: '/a', perms: '0644' }),
  broker.decide(pctPush, { vmid: 20_001, content: new Uint8Array(), destination: '/a', user: undefined }),
  broker.decide(zfsMount, { dataset: 'tank/pgd/databases/a/b' }),
  // @ts-expect-error a container id is a number
  broker.decide(pctExec, { vmid: '20001', command: ['ls'] }),
  // @ts-expect-error a command has at least a program
  broker.decide(pctExec, { vmid: 20_001, command: [] }),
  // @ts-expect-error a command is no line for a shell
  broker.decide(pctExec, { vmid: 20_001, command: 'ls -l' }),
  // @ts-expect-error a field is missing
  broker.decide(pctExec, { command: ['ls'] }),
  // @ts-expect-error there is no such field
  broker.decide(zfsMount, { dataset: 'tank/pgd/databases/a/b', options: '-O' }),
  // @ts-expect-error content is bytes, never a path
  broker.decide(pctPush, { vmid: 20_001, content: '/etc/shadow', destination: '/a' }),
  // @ts-expect-error the input of another command
  broker.run(zfsMount, { vmid: 20_001, command: ['ls'] }),
]

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <A, B>(equal: Equal<A, B>): boolean => equal

t.test('the input type of a command follows from its template', async t => {
  const argv = ['x', argument('vmid', containerId()), option('--mode', 'mode', fileMode())] as const
  const command = defineCommand({ id: 'a.b', summary: 'Do', program: program('/usr/bin/a'), argv })
  t.ok(same<CommandInput<typeof command>, { readonly vmid: number; readonly mode?: string | undefined }>(true))
  t.ok(same<CommandInput<typeof zfsMount>, { readonly dataset: string }>(true))
})
