import { containerId } from '../argument/container-id.ts'
import { programAndArguments } from '../argument/program.ts'
import { defineCommand } from '../command/define.ts'
import { inHostNamespace } from '../command/program.ts'
import { argument, marker } from '../command/template.ts'
import { ownContainer } from '../guard/pct.ts'

/**
 * `pct exec`. The environment of the host is kept out (`--keep-env 0`; the default of pct 6 is to keep it). Exit codes
 * 255, 2 and 127 are ambiguous between pct and the program, so failures are told by their text as well.
 */
export const pctExec = defineCommand({
  id: 'pct.exec',
  summary: 'Run a program in a container',
  program: inHostNamespace('/usr/sbin/pct'),
  argv: [
    'exec',
    argument('vmid', containerId()),
    '--keep-env',
    '0',
    '--',
    '/usr/bin/env',
    marker(),
    argument('command', programAndArguments()),
  ],
  guards: [ownContainer],
  stdin: true,
  terminal: true,
  failures: {
    notRunning: { exitCode: 255, stderr: /^container '\d+' not running!/m },
    noSuchContainer: { exitCode: 2, stderr: /^Configuration file '[^']*' does not exist/m },
    pctTooOld: { stderr: /^(?:400 unable to parse option|Unknown option: keep-env)/m },
    programMissing: { exitCode: 127, stderr: /^(?:\/usr\/bin\/)?env: .*No such file or directory/m },
    envMissing: { exitCode: 127, stderr: /lxc-attach: .*(?:No such file or directory|Failed to exec)/ },
  },
})
