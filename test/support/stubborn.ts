import { execFileSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'

/** Ignores what can be ignored, leaves a child in its group, one in a session of its own, and one whose parent is gone. */
const program = `#!/bin/sh
trap '' TERM HUP INT QUIT
sleep 4001 &
setsid sleep 4002 &
(setsid sh -c 'trap "" TERM HUP; sleep 4003 & sleep 4004' &)
echo started
sleep 4005
`

/** Writes the program that `test.stubborn` runs. */
export function installStubborn(): void {
  writeFileSync('/usr/local/sbin/stubborn', program)
  chmodSync('/usr/local/sbin/stubborn', 0o755)
}

/** The same in a container. */
export const stubbornInContainer = [
  'sh',
  '-c',
  'trap "" TERM HUP INT; sleep 4011 & setsid sleep 4012 & (setsid sh -c "sleep 4013 & sleep 4014" &); sleep 4015',
]

/** Command lines of what is left of the programs above. */
export const left = (): string[] =>
  execFileSync('ps', ['-eo', 'stat=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter(line => /\bsleep 40\d\d$|local\/sbin\/stubborn|lxc-attach/.test(line) && !line.startsWith('Z'))
