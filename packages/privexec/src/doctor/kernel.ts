import { parseMounts } from '../auxiliary/mounts.ts'
import type { Check } from './context.ts'
import { findings, type Level } from './finding.ts'
import { readText } from './machine.ts'
import { sharesStaging } from './staging.ts'

interface Setting {
  readonly name: string
  /** Lowest safe value. */
  readonly safe: number
  /** Where the principal stages content, and elsewhere. */
  readonly level: readonly [staging: Level, elsewhere: Level]
  readonly why: string
}

/** Source: the kernel's Documentation/admin-guide/sysctl/fs.rst. */
const sysctls: readonly Setting[] = [
  {
    name: 'fs.protected_symlinks',
    safe: 1,
    level: ['error', 'warning'],
    why: 'root follows links that others plant in sticky directories, such as the staging directory',
  },
  {
    name: 'fs.protected_hardlinks',
    safe: 1,
    level: ['error', 'warning'],
    why: 'anybody may link the files of others into a directory, such as the staging directory',
  },
  { name: 'fs.protected_fifos', safe: 1, level: ['note', 'note'], why: 'root may open a planted pipe for writing' },
  { name: 'fs.protected_regular', safe: 1, level: ['note', 'note'], why: 'root may open a planted file for writing' },
]

/** Settings of the kernel that decide whether planted links and terminals can hurt. */
export const kernelCheck: Check = async context => {
  const found = findings('kernel')
  const { machine } = context
  const staging = sharesStaging(context)
  const sysctl = async (name: string) => {
    const { value } = await readText(machine, `/proc/sys/${name.replaceAll('.', '/')}`)
    return value === undefined ? undefined : Number(value)
  }
  for (const { name, safe, level, why } of sysctls) {
    const value = await sysctl(name)
    if (value === undefined) found.unknown(`${name} cannot be read`)
    else if (value < safe) {
      const advice = `echo "${name} = ${safe}" >>/etc/sysctl.d/60-privexec.conf; sysctl --system`
      found.add(staging ? level[0] : level[1], `${name} is ${value}: ${why}`, advice)
    }
  }
  if ((await sysctl('dev.tty.legacy_tiocsti')) === 1) {
    found.note(
      'dev.tty.legacy_tiocsti is 1: a program may type into the terminal it has; ours have none',
      'Set it to 0, for the programs that are not ours',
    )
  }
  const mounts = parseMounts((await readText(machine, '/proc/self/mountinfo')).value ?? '')
  const hidden = mounts.findLast(({ point }) => point === '/proc')?.options.find(each => /^hidepid=[^0]/.test(each))
  if (hidden) found.note(`/proc is mounted with ${hidden}, which is fine: root sees all processes`)
  found.okIfNone(`The kernel refuses planted links (${sysctls.map(({ name }) => name).join(', ')})`)
  return found.list
}
