import type { Argv, CommandModule } from 'yargs'
import type { Level } from '../../doctor/finding.ts'
import { parseSpan } from '../../names/span.ts'
import { interruptible } from '../interrupt.ts'
import { progress } from '../progress.ts'
import { colour } from '../style.ts'
import { type Common, endWith, print, schema } from '../verb.ts'

interface Args extends Common {
  readonly fix: boolean
}

const colours = { ok: 'green', warning: 'yellow', problem: 'red' } as const satisfies Record<Level, string>

/** Exit status when something cannot be done: that of what is not set up (sysexits.h: EX_CONFIG). */
const hasProblems = 78

/** `pgd doctor`: works where nothing else does, so it opens storage and runtimes by itself. */
export const verb: CommandModule<Common, Args> = {
  command: 'doctor',
  describe: 'Look whether branches can be made here, by making one, and say what lacks',
  builder: yargs =>
    (yargs as Argv<Common>).option('fix', {
      type: 'boolean',
      default: false,
      describe: 'Repair what can be repaired without a loss, as pgd repair does',
    }) as unknown as Argv<Args>,
  handler: async given => {
    const args = given as unknown as Args
    const { diagnose } = await import('../../doctor/doctor.ts')
    const shown = progress(args)
    const { signal: interrupt, stop } = interruptible()
    try {
      const { store, runtime, fix, timeout } = args
      const limit = timeout === undefined ? [] : [AbortSignal.timeout(parseSpan(timeout, 'timeout'))]
      const signal = AbortSignal.any([interrupt, ...limit])
      const findings = await diagnose({
        ...(store === undefined ? {} : { store }),
        ...(runtime === undefined ? {} : { runtime }),
        ...{ fix, signal, onStep: shown.step },
      })
      shown.end()
      const ok = findings.every(({ level }) => level !== 'problem')
      const lines = findings.map(({ check, level, message, advice }) => {
        const line = `${colour(colours[level], level.padEnd(7))}  ${check}: ${message}`
        return advice === undefined ? line : `${line}\n         ${advice}`
      })
      await print(args.json ? JSON.stringify({ schema, ok, findings }) : lines.join('\n'))
      endWith(ok ? 0 : hasProblems)
    } finally {
      shown.end()
      stop()
    }
  },
}
