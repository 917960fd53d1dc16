import type { ContainerCreateOptions } from 'dockerode'
import type { ServerSpec, Tool } from '../runtime.ts'
import type { Account } from './account.ts'
import { containerName, serverLabels, toolLabels } from './labels.ts'
import { containerLayout, sharedPath, volumeRoot } from './layout.ts'
import { networkOf } from './network.ts'
import { spoolRoot } from './spool.ts'
import type { Traits } from './traits.ts'

/** Seconds that an engine which is itself ended gives a server. */
const stopTimeout = 60
const processes = 1024
/** Bytes of memory that processes of a server may share besides shared_buffers; only what is used counts. */
const sharedMemory = 1024 ** 3

/** The port that a server listens on in its container: its settings say so, since it names the socket too. */
const innerPort = ({ settings }: ServerSpec): number => Number(settings.port ?? 5432)

/**
 * The container of a server. No secret is in it: an engine shows all of this to whoever may use it. Nothing of the image
 * runs but `postgres` itself, as this account, so nothing makes a database where one is missing.
 */
export function serverOptions(spec: ServerSpec, account: Account, traits: Traits): ContainerCreateOptions {
  const { port, memory, cpus } = spec
  const inner = `${innerPort(spec)}/tcp`
  const settings = { ...spec.settings, listen_addresses: port === undefined ? '' : '*' }
  const words = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const common = commonOptions(account, traits)
  return {
    ...common,
    name: containerName(spec),
    Image: imageOf(spec.kind),
    Entrypoint: ['postgres'],
    Cmd: ['-D', containerLayout.data, ...words],
    Labels: serverLabels(account.uid, spec),
    // Fast shutdown.
    StopSignal: 'SIGINT',
    StopTimeout: stopTimeout,
    ...(port === undefined ? {} : { ExposedPorts: { [inner]: {} } }),
    HostConfig: {
      ...common.HostConfig,
      // Reaps what archive commands leave; `postgres` is then not process 1 either.
      Init: true,
      Mounts: [bind(spec.volume, volumeRoot), passwdMount(account), ...spec.reads.map(readMount)],
      NetworkMode: port === undefined ? 'none' : networkOf(traits),
      ...(port === undefined ? {} : { PortBindings: { [inner]: [{ HostIp: '127.0.0.1', HostPort: String(port) }] } }),
      ShmSize: memory ?? sharedMemory,
      // Swap would be another gigabyte of slowness; the same number means none.
      ...(memory === undefined ? {} : { Memory: memory, MemorySwap: memory }),
      ...(cpus === undefined ? {} : { NanoCpus: Math.round(cpus * 1e9) }),
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '2' } },
    },
  }
}

/**
 * The container of one run of a program; the engine removes it when it ends, whatever became of us. `spool` is a directory
 * with the files that take the place of its streams.
 */
export function toolOptions(tool: Tool, account: Account, traits: Traits, spool?: string): ContainerCreateOptions {
  const [program, ...args] = tool.argv
  const hasInput = tool.stdin !== undefined
  const common = commonOptions(account, traits)
  return {
    ...common,
    Image: imageOf(tool.kind),
    Entrypoint: [program],
    Cmd: args,
    Env: [...(common.Env ?? []), ...Object.entries(tool.env ?? {}).map(([name, value]) => `${name}=${value}`)],
    Labels: toolLabels(account.uid, tool),
    AttachStdin: hasInput,
    OpenStdin: hasInput,
    StdinOnce: hasInput,
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: {
      ...common.HostConfig,
      Mounts: [
        ...(tool.volume === undefined ? [] : [bind(tool.volume, volumeRoot)]),
        ...(spool === undefined ? [] : [bind(spool, spoolRoot)]),
        passwdMount(account),
      ],
      NetworkMode: tool.network ? 'host' : 'none',
      AutoRemove: true,
      LogConfig: { Type: 'none', Config: {} },
    },
  }
}

/** What servers and tools have in common: this account, and nothing that it has not on the host. */
function commonOptions({ uid, gid }: Account, traits: Traits): ContainerCreateOptions {
  const userns = traits.isRemapped ? 'host' : traits.name === 'podman' && traits.isRootless ? 'keep-id' : undefined
  return {
    User: `${uid}:${gid}`,
    Env: ['HOME=/tmp'],
    WorkingDir: '/',
    // Podman wants systemd for it, and runs none unasked.
    ...(traits.name === 'podman' ? {} : { Healthcheck: { Test: ['NONE'] } }),
    HostConfig: {
      RestartPolicy: { Name: 'no' },
      ReadonlyRootfs: true,
      Tmpfs: { '/tmp': 'rw,nosuid,nodev,noexec,mode=1777' },
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges', ...(traits.isLabelled ? ['label=disable'] : [])],
      PidsLimit: processes,
      ...(userns === undefined ? {} : { UsernsMode: userns }),
    },
  }
}

type Mount = NonNullable<NonNullable<ContainerCreateOptions['HostConfig']>['Mounts']>[number]

/** A mount of this kind fails where its source lacks; one by `Binds` would make an empty directory, as root. */
function bind(source: string, target: string, isReadOnly = false): Mount {
  const options = { Propagation: 'rprivate', NonRecursive: true, CreateMountpoint: false } as const
  return { Type: 'bind', Source: source, Target: target, ReadOnly: isReadOnly, BindOptions: options }
}

const passwdMount = ({ passwd }: Account): Mount => bind(passwd, '/etc/passwd', true)
const readMount = (path: string): Mount => bind(path, sharedPath(path), true)

function imageOf({ image }: ServerSpec['kind']): string {
  if (image === undefined) throw new TypeError('a container without an image')
  return image
}
