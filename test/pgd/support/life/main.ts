import { parseArgs } from 'node:util'
import { Account } from '../account.ts'
import { chapters } from './life.ts'
import { remains } from './remains.ts'
import { Life } from './world.ts'

/*
 * The life of a project on a machine where pgd is installed and set up, as root: `main.ts --account NAME --base DATASET
 * --version N [--crowd N]`. Prints TAP, which tap(1) is not needed for, with the seconds that each chapter took.
 */
const { values } = parseArgs({
  options: {
    account: { type: 'string', default: 'alice' },
    base: { type: 'string', default: 'tank/pgd/databases' },
    version: { type: 'string', default: '' },
    crowd: { type: 'string', default: '20' },
  },
})
const { account: name, base, version, crowd } = values
// No variable of pgd: it finds everything by itself.
const env = { HOME: `/home/${name}`, PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C.UTF-8' }
const account = new Account({ become: ['runuser', '-u', name, '--'], env, pgd: ['pgd'] })
const life = new Life({
  ...{ account, runtime: 'docker', hasClones: true, crowd: Number(crowd), traces: () => remains(base) },
  ...(version === '' ? {} : { version: ['--pg-version', version] }),
})
const note = (text: string): void => void process.stdout.write(text.replace(/^/gm, '# ').concat('\n'))

let failed = 0
for (const [index, { title, live }] of chapters.entries()) {
  const began = performance.now()
  const failure = await live(life).then(
    () => undefined,
    (error: Error) => error,
  )
  const seconds = Math.round((performance.now() - began) / 1000)
  process.stdout.write(`${failure === undefined ? 'ok' : 'not ok'} ${index + 1} - ${title}\n`)
  note(`${seconds} s`)
  if (failure === undefined) continue
  failed += 1
  note(String(failure.stack).slice(0, 4000))
  note(remains(base).join('\n'))
}
process.exitCode = failed === 0 ? 0 : 1
