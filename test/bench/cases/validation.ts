import { type Broker, pctExec } from '../../../packages/privexec/src/index.ts'
import type { Figure } from '../figure.ts'
import { median } from '../statistics.ts'

const decisions = 2000

/** Decisions per second on one pct.exec request, median of `slices` slices of 2,000. */
export function validation(broker: Broker, slices: number): Figure {
  const input = { vmid: 20001, command: ['apt-get', 'install', '--yes', 'postgresql'] } as const
  const rates: number[] = []
  for (let slice = 0; slice < slices; slice++) {
    const began = performance.now()
    for (let count = 0; count < decisions; count++) {
      if (!broker.decide(pctExec, input).allowed) throw new Error('refused')
    }
    rates.push((1000 * decisions) / (performance.now() - began))
  }
  // The first quarter is compiled on the way.
  return {
    name: 'validations (decide, pct.exec)',
    value: median(rates.slice(Math.floor(slices / 4))),
    unit: '/s',
    target: { atLeast: 200_000 },
  }
}
