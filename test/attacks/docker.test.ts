import { chmodSync, writeFileSync } from 'node:fs'
import { attack } from './support/attack.ts'
import { mountFrame, mustRefuse } from './support/frames.ts'
import { askPgd, askStore } from './support/root-side.ts'
import { anyRan, appears, setScene, skip, sudo } from './support/scene.ts'

setScene({ containers: true, zfs: true })

/** What `docker run -v SOURCE:DESTINATION IMAGE COMMAND...` comes to, without an engine: root in a root directory with it. */
const standIn = '/usr/local/sbin/docker-stand-in'
const script = `#!/bin/sh
[ "$1 $2" = "run -v" ] || exit 64
source=\${3%%:*} destination=\${3#*:}
shift 4
exec unshare --mount --propagation private sh -c 'mkdir -p "/var/lib/throwaway-container$1" &&
  mount --rbind "$0" "/var/lib/throwaway-container$1" && shift && exec chroot /var/lib/throwaway-container "$@"' \\
  "$source" "$destination" "$@"
`
if (skip === false) {
  writeFileSync(standIn, script)
  chmodSync(standIn, 0o755)
}

const onHost = '/etc/touched-by-docker'
const bind = ['run', '-v', '/:/host', 'busybox', '/bin/touch', `/host${onHost}`]

/** Requests that make a container root of the host. */
const dangerous = [
  bind,
  ['run', '--privileged', 'busybox'],
  ['run', '--pid=host', 'busybox'],
  ['run', '--net=host', 'busybox'],
  ['run', '--cap-add=ALL', 'busybox'],
  ['run', '--device=/dev/sda', 'busybox'],
  ['run', '-v', '/var/run/docker.sock:/var/run/docker.sock', 'busybox'],
  ['exec', '--privileged', 'x', 'sh'],
]

attack({
  id: 'A29',
  title: 'no container engine is root for an account',
  shown:
    'a rule for `docker run *` binds the root of the host into a container (an engine’s stand-in, with real mounts)',
  stoppedBy: 'the catalogue has no command of an engine, so no policy can grant one',
  remains:
    'what pgd asks of Docker goes through a typed layer of its own, which its tests judge; the group docker is root by another name, and doctor says so',
  rules: `%pgd ALL=(root) NOPASSWD: ${standIn} run *\n`,
  baseline: () => appears(onHost, () => sudo('alice', [standIn, ...bind], { readOnly: false })),
  ours: {
    sudo: () =>
      appears(onHost, async () => {
        const argvs = dangerous.map(args => [standIn, ...args])
        if ((await anyRan('alice', argvs)) || (await anyRan('appstore', argvs)))
          throw new Error('an engine was started')
      }),
    daemon: () =>
      appears(onHost, async () => {
        const verbs = ['run', 'exec', 'create', 'start'].map(verb => ({
          command: `docker.${verb}`,
          input: { arguments: bind },
        }))
        mustRefuse([...(await askPgd(verbs)), ...(await askStore(verbs))], 'PRIVEXEC_NOT_GRANTED')
        const binds = { HostConfig: { Binds: ['/:/host'], Privileged: true } }
        mustRefuse(
          await askPgd([{ ...mountFrame('tank/pgd/databases/shop/main'), ...binds }]),
          'PRIVEXEC_PROTOCOL_INVALID',
        )
      }),
  },
  onDaemon: {
    stoppedBy: 'as with sudo: a request for a command that the policy does not grant is refused',
    remains: 'as with sudo',
  },
})
