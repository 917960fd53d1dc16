import { installDropIn, prepareHost, removeDropIn } from '../host/prepare.ts'
import { type Comparison, compare } from './compare.ts'
import { compareRoot, type RootComparison } from './compare-root.ts'
import { sudo } from './oracle.ts'
import { rootPolicyText, rootSide } from './root-side.ts'
import { compared, type Shipped, shipped } from './rules.ts'

/** File name of the drop-in; only one is there at a time, so that nothing else answers. */
const dropIn = 'equivalence'

/** sudo is slow to ask; a policy of a dozen grants of one kind gets a sixth of the texts for each. */
const shareOf = (each: Shipped, count: number): number => (shipped.includes(each) ? count : Math.ceil(count / 6))

/** Every command of the shipped policies that sudo starts. */
const executable = '/usr/bin/nsenter'

/**
 * Asks the sudo of a throwaway host about generated argvs of each grant; `change` makes another drop-in of the rendered
 * one. Throws outside a throwaway host.
 */
export async function compareWithSudo(
  count: number,
  seed: number,
  change: (sudoers: string) => string = text => text,
  grants: (grant: string) => boolean = () => true,
): Promise<Comparison[]> {
  prepareHost()
  const found: Comparison[] = []
  for (const each of compared) {
    const { policy, sudoers, user } = each
    installDropIn(dropIn, change(sudoers))
    try {
      for (const { id } of policy.grants) {
        if (grants(id)) found.push(await compare(policy, id, shareOf(each, count), sudo(user, executable), seed))
      }
    } finally {
      removeDropIn(dropIn)
    }
  }
  return found
}

/** The same for generated requests, with the root-side broker of each policy beside it. */
export async function compareRootWithSudo(count: number, seed: number): Promise<RootComparison[]> {
  prepareHost()
  const found: RootComparison[] = []
  for (const each of compared) {
    const { policy, sudoers, user } = each
    installDropIn(dropIn, sudoers)
    try {
      const side = rootSide(await rootPolicyText(each))
      found.push(await compareRoot(policy, side, shareOf(each, count), sudo(user, executable), seed))
    } finally {
      removeDropIn(dropIn)
    }
  }
  return found
}

/** What sudo says to single argvs of an account, the executable left out, with a drop-in in place. */
export async function askSudo(
  user: string,
  sudoers: string,
  argvs: readonly (readonly string[])[],
): Promise<boolean[]> {
  prepareHost()
  installDropIn(dropIn, sudoers)
  try {
    return await sudo(user, executable)(argvs)
  } finally {
    removeDropIn(dropIn)
  }
}

if (import.meta.main) {
  const [way, count = '300', seed = '1'] = process.argv.slice(2)
  const ask = way === 'root' ? compareRootWithSudo : compareWithSudo
  process.stdout.write(`${JSON.stringify(await ask(Number(count), Number(seed)))}\n`)
}
