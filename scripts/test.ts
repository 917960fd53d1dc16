import { hostMissing } from '../test/host/run.ts'
import { runChecks } from './check.ts'
import { plan } from './stages/plan.ts'
import { runStage, stopCurrent } from './stages/stage.ts'
import type { Count } from './stages/tap.ts'

// `npm test`: all static checks and all tests; with names of folders (`npm test -- host demo`) the tests of those alone.
// The last line is `N passed, N failed`, and perhaps `, N skipped`.
const names = process.argv.slice(2)
const show = (line: string): void => void process.stdout.write(`${line}\n`)
const total: Count = { passed: 0, failed: 0, skipped: 0 }
const add = (count: Count): void => {
  total.passed += count.passed
  total.failed += count.failed
  total.skipped += count.skipped
}
const words = ({ passed, failed, skipped }: Count): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`

process.chdir(`${import.meta.dirname}/..`)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    stopCurrent('SIGTERM')
    show(words({ ...total, failed: total.failed + 1 }))
    process.exit(1)
  })
}

if (names.length === 0) {
  show('== static checks')
  add(await runChecks(show))
}
const missing = hostMissing()
for (const stage of plan().filter(({ name }) => names.length === 0 || names.includes(name))) {
  const began = performance.now()
  show(`\n== ${stage.title}`)
  if (stage.needsHost && missing !== undefined) {
    show(`skipped ${stage.title}: ${missing}`)
    add({ passed: 0, failed: 0, skipped: 1 })
    continue
  }
  const count = await runStage(stage, show)
  add(count)
  show(`   ${words(count)} in ${Math.round((performance.now() - began) / 1000)} s`)
}
show('')
show(words(total))
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0
