import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { parseArgs, styleText } from 'node:util'
import { hostMissing, runInHost } from '../host/run.ts'
import { embeddedDemo } from './embedded.ts'
import { leftBehind, machineNow } from './outside.ts'
import { ignoreClosedPipe, printer, type Tally } from './step.ts'
import { withStore } from './store.ts'

const usage = `npm run demo [-- OPTIONS]

  --json      one line of JSON per step, and one for the end
  --embedded  the embedded host with stand-ins, also where a throwaway host could be made
  --help      this text`

// The demo. Exit status 0 when every step went as it should, and nothing of the machine changed.
ignoreClosedPipe()
const { values } = options()
const isJson = values.json === true

if (values.help) console.log(usage)
else {
  process.chdir(join(import.meta.dirname, '../..'))
  const missing = values.embedded ? 'asked for with --embedded' : hostMissing()
  process.exitCode = missing === undefined ? await realDemo() : await embeddedDemo(missing, isJson)
}

/** Runs the steps on a throwaway host, and looks at the machine before and after. */
async function realDemo(): Promise<number> {
  const name = 'PRIVEXEC_DEMO'
  const mark = randomBytes(16).toString('hex')
  process.env[name] = mark
  // What is installed stays, so it is no part of what is compared.
  const { status: installed } = spawnSync('sh', ['test/host/packages.sh'], { stdio: 'inherit' })
  if (installed !== 0) return 1
  const before = machineNow()
  let status = 1
  const tally: Tally = { steps: 0, failures: 0 }
  const wrong = await withStore(printer(isJson, tally), { mayLook: !isJson }, () => {
    const options = [`--after=${tally.steps}`, ...(isJson ? ['--json'] : [])]
    status = runInHost([process.execPath, 'test/demo/inside.ts', ...options])
  })
  const left = [...wrong, ...(await leftBehind(before, `${name}=${mark}`))]
  const isWhole = status === 0 && tally.failures === 0
  const ok = isWhole && left.length === 0
  const machine =
    left.length === 0 ? 'Nothing of this machine changed: no file, no mount, no process, no control group is left.' : ''
  if (isJson) console.log(JSON.stringify({ end: true, ok, host: 'throwaway', left }))
  else {
    for (const line of left) console.log(styleText('red', `left behind: ${line}`))
    console.log(`\n${machine === '' ? 'The machine is not as it was.' : machine}`)
    console.log(isWhole ? 'Every step went as it should.' : styleText('red', 'Not every step went as it should.'))
  }
  return ok ? 0 : 1
}

function options() {
  try {
    return parseArgs({
      options: { json: { type: 'boolean' }, embedded: { type: 'boolean' }, help: { type: 'boolean' } },
    })
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`)
    process.exit(64)
  }
}
