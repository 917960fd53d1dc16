import { bytes, list } from '../style.ts'
import { verb as make } from '../verb.ts'

/** `pgd status`. */
export const verb = make({
  command: 'status',
  describe: 'Show storage, runtimes, and what needs attention',
  builder: yargs => yargs,
  run: async pgd => {
    const status = await pgd.status()
    const { store, runtimes, projects, branches, running, attention, foreign } = status
    const text = list([
      ['Storage', `${store.title}, ${bytes(store.free)} of ${bytes(store.total)} free`],
      ['Runtimes', runtimes.length === 0 ? 'none; see pgd doctor' : runtimes.join(', ')],
      ['Projects', String(projects)],
      ['Branches', `${branches}, of which ${running} run`],
      ['Not of pgd', foreign.length === 0 ? undefined : foreign.join(', ')],
    ])
    const more = attention.map(({ name, state, reason }) => `${name} is ${state}: ${reason}`)
    return { data: { status }, text: [text, ...more].join('\n') }
  },
})
