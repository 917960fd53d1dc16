import { isFree } from '../locks/ports.ts'
import { type Finding, findings } from './finding.ts'

/** Whether a branch can get a port: one of the first of the range, tried by listening on it. */
export async function checkPorts(first = 6500, count = 100): Promise<readonly Finding[]> {
  const found = findings('ports')
  for (let port = first; port < first + count; port += 1) {
    if (!(await isFree(port))) continue
    found.ok(`Ports of the loopback address are free, such as ${port}`)
    return found.list
  }
  found.problem(`All ports from ${first} to ${first + count - 1} are taken`, 'See who has them: ss -ltnp')
  return found.list
}
