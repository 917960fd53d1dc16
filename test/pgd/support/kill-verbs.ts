import type { Person } from './cli.ts'
import type { Sources } from './sources.ts'

/** Something that is interrupted: how it is made ready, begun, and what it may leave to be cleared away. */
export interface Verb {
  readonly title: string
  /** Makes what it needs, and resolves to its words. */
  readonly ready: (person: Person) => Promise<readonly string[]>
  /** What may be there afterwards, and was not before; snapshots by their label. */
  readonly branches?: readonly string[]
  readonly projects?: readonly string[]
  readonly label?: string
}

/** Fails where the call should not have. */
export async function must(person: Person, ...args: readonly string[]) {
  const end = await person.pgd(...args)
  if (end.exit !== 0) throw new Error(`pgd ${args.join(' ')}: ${end.exit}\n${end.stdout}${end.stderr}`)
  return end.json
}

const simple = (...words: readonly string[]) => ({ title: words.join(' '), ready: async () => words })

/** All verbs that make, change or destroy something; `version` is the PostgreSQL that an import is to have. */
export const killVerbs = ({ dump, directory, url }: Sources, version: readonly string[]): readonly Verb[] => [
  { ...simple('branch', 'create', 'shop/new'), branches: ['shop/new'] },
  { ...simple('branch', 'create', 'shop/past', '--at', '1s ago'), branches: ['shop/past'] },
  simple('branch', 'reset', 'shop/dev'),
  simple('branch', 'restart', 'shop/dev'),
  {
    title: 'branch reset shop/dev --undo',
    ready: async person => {
      await must(person, 'branch', 'reset', 'shop/dev')
      return ['branch', 'reset', 'shop/dev', '--undo']
    },
  },
  {
    title: 'branch delete shop/gone',
    ready: async person => {
      await must(person, 'branch', 'create', 'shop/gone')
      return ['branch', 'delete', 'shop/gone']
    },
    branches: ['shop/gone'],
  },
  {
    title: 'branch rename shop/before after',
    ready: async person => {
      await must(person, 'branch', 'create', 'shop/before')
      return ['branch', 'rename', 'shop/before', 'after']
    },
    branches: ['shop/before', 'shop/after'],
  },
  {
    title: 'branch promote shop/child',
    ready: async person => {
      await must(person, 'branch', 'create', 'shop/parent')
      await must(person, 'branch', 'create', 'shop/child', '--parent', 'shop/parent')
      return ['branch', 'promote', 'shop/child']
    },
    branches: ['shop/child', 'shop/parent'],
  },
  { ...simple('snapshot', 'create', 'shop/main', '--label', 'killed'), label: 'killed' },
  {
    title: 'snapshot delete',
    ready: async person => {
      const { snapshot } = await must(person, 'snapshot', 'create', 'shop/main', '--label', 'killed')
      return ['snapshot', 'delete', snapshot.id]
    },
    label: 'killed',
  },
  { ...simple('import', 'load', '--from-dump', dump, ...version), projects: ['load'] },
  { ...simple('import', 'load', '--from-directory', directory, ...version), projects: ['load'] },
  { ...simple('import', 'load', '--from-server', url, ...version), projects: ['load'] },
  {
    title: 'project delete load',
    ready: async person => {
      await must(person, 'import', 'load', '--from-directory', directory, ...version)
      await must(person, 'branch', 'create', 'load/dev')
      return ['project', 'delete', 'load']
    },
    projects: ['load'],
  },
  simple('password', 'shop/dev', '--rotate'),
]
