import { renderSudoers } from '../../../packages/privexec/src/render/sudoers.ts'
import { installDropIn, removeDropIn, starRules } from '../../host/prepare.ts'
import { readPolicy } from './scene.ts'

/** Names in the order in which sudo reads them: what a machine says for everybody comes first. */
const [site, baseline, ours] = ['00_site', 'attack_baseline', 'privexec_']

/** Rules of a whole machine while an attack is made. */
export interface Rules {
  /** Defaults of the machine, for baseline and ours alike. */
  readonly site?: string | undefined
  /** Rules of today's programs; the star rules by default. */
  readonly today?: string | undefined
  /** Policies whose rendered drop-ins are installed. */
  readonly policies: readonly string[]
}

/** Runs an action under the star rules of today's programs, none of ours being there. */
export async function underStars<T>({ site: text, today = starRules }: Rules, action: () => Promise<T>): Promise<T> {
  const installed = [...(text ? [install(site, text)] : []), install(baseline, today)]
  try {
    return await action()
  } finally {
    installed.forEach(removeDropIn)
  }
}

/** Runs an action under our rendered drop-ins, none of the star rules being there. */
export async function underOurs<T>({ site: text, policies }: Rules, action: () => Promise<T>): Promise<T> {
  const installed = text ? [install(site, text)] : []
  try {
    for (const source of policies) {
      const policy = await readPolicy(source)
      installed.push(install(`${ours}${policy.name}`, renderSudoers(policy)))
    }
    return await action()
  } finally {
    installed.forEach(removeDropIn)
  }
}

function install(name: string, text: string): string {
  installDropIn(name, text)
  return name
}
