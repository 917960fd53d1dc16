import { escapeValue } from '@broker/privexec/escape'
import { PgdError } from '../../errors/error.ts'

/**
 * Sockets at which an engine may listen, in the order in which they are tried: what `DOCKER_HOST` says, and nothing else
 * then; else Docker's, and Podman's. Rejects with `PGD_RUNTIME_UNAVAILABLE` for an engine that is reached otherwise: its
 * containers would not see the files of this machine.
 */
export function engineSockets(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const { DOCKER_HOST: given, XDG_RUNTIME_DIR: own } = env
  if (given !== undefined && given !== '') {
    const path = /^unix:\/\/(\/.+)$/.exec(given)?.[1]
    if (path !== undefined) return [path]
    const message = `DOCKER_HOST is ${escapeValue(given)}, and only an engine of this machine can be used: unix:///PATH`
    throw new PgdError('PGD_RUNTIME_UNAVAILABLE', message, { field: 'DOCKER_HOST' })
  }
  const rootless = (path: string): string[] => (own === undefined || own === '' ? [] : [`${own}/${path}`])
  return [
    '/var/run/docker.sock',
    ...rootless('docker.sock'),
    ...rootless('podman/podman.sock'),
    '/run/podman/podman.sock',
  ]
}
