import { account } from '../argument/account.ts'
import { containerId } from '../argument/container-id.ts'
import { containerPath } from '../argument/container-path.ts'
import { fileMode } from '../argument/file-mode.ts'
import { stagedContent } from '../argument/staged-content.ts'
import { defineCommand } from '../command/define.ts'
import { inHostNamespace } from '../command/program.ts'
import { argument, option } from '../command/template.ts'
import { ownContainer } from '../guard/pct.ts'

/** `pct push` of bytes. It exits 0 when it failed and says so on standard error alone. */
export const pctPush = defineCommand({
  id: 'pct.push',
  summary: 'Write a file into a container',
  program: inHostNamespace('/usr/sbin/pct'),
  argv: [
    'push',
    argument('vmid', containerId()),
    argument('content', stagedContent()),
    argument('destination', containerPath()),
    option('--perms', 'perms', fileMode()),
    option('--user', 'user', account()),
    option('--group', 'group', account()),
  ],
  guards: [ownContainer],
  stderrIsFailure: true,
  failures: {
    notRunning: { stderr: /can only push files to a running CT/ },
    noSuchContainer: { exitCode: 2, stderr: /^Configuration file '[^']*' does not exist/m },
    noSuchUser: { stderr: /^failed to get uid for: /m },
    noSuchGroup: { stderr: /^failed to get gid for: /m },
    cannotCreate: { stderr: /^failed to create file: /m },
    locked: { stderr: /can't lock file/ },
  },
})
