import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { imageOf, type Suite } from './image.ts'
import { makeScratch } from './scratch.ts'

/** What is run on a machine. */
export interface Job {
  readonly suite: Suite
  /** Directory that becomes `/job` in the guest; `/job/run` in it is started as root. */
  readonly directory: string
  /** Seconds until the machine is switched off without more ado. */
  readonly limit: number
  /** MiB of memory; 2048 by default. */
  readonly memory?: number
  /** Receives what the job left in `/job/out`, when given. */
  readonly results?: string
  /** Sees the job's output as it comes. */
  readonly onOutput?: (chunk: Buffer) => void
}

/** What a job left. */
export interface JobResult {
  /** The job's exit status; undefined when the machine did not come that far. */
  readonly status: number | undefined
  /** The job's stdout and stderr, in the order of their coming. */
  readonly output: string
  /** The console: what the kernel and systemd said. */
  readonly console: string
}

/** Bytes that a job may leave, as a tar. */
const sizeOfOut = 64 << 20

/**
 * Starts a machine with a job and waits until it is off. The machine has two processors in software, no network card, and
 * two disks beside its root: `job`, a tar of the directory, and `out`, the way back. Changes of the root disk are dropped.
 * Builds the image when it is missing.
 */
export async function runMachine({
  suite,
  directory,
  limit,
  memory = 2048,
  results,
  onOutput,
}: Job): Promise<JobResult> {
  const image = imageOf(suite)
  const scratch = makeScratch()
  const at = (name: string): string => join(scratch.directory, name)
  try {
    const tar = at('job')
    command('tar', ['-C', directory, '--owner=0', '--group=0', '--numeric-owner', '-cf', tar, '.'])
    const out = at('out')
    writeFileSync(out, '')
    truncateSync(out, sizeOfOut)
    const console = at('console')
    const arguments_ = [
      ...[
        '-accel',
        'tcg,thread=multi,tb-size=512',
        '-cpu',
        'max',
        '-machine',
        'q35',
        '-smp',
        '2',
        '-m',
        String(memory),
      ],
      ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-net', 'none'],
      ...['-kernel', join(image, 'vmlinuz'), '-initrd', join(image, 'initrd')],
      ...['-append', 'console=ttyS0 quiet panic=-1 mitigations=off systemd.show_status=0'],
      ...drive('root', join(image, 'root.img'), 'snapshot=on,cache=unsafe'),
      ...drive('job', tar, 'readonly=on'),
      ...drive('out', out, 'cache=unsafe'),
      ...['-device', 'virtio-rng-pci', '-device', 'virtio-serial-pci'],
      ...['-chardev', 'stdio,id=job,signal=off', '-device', 'virtconsole,chardev=job', '-serial', `file:${console}`],
    ]
    const output = await watch(arguments_, limit, onOutput)
    const left = at('left')
    mkdirSync(left)
    spawnSync('tar', ['-C', left, '-xf', out])
    if (results !== undefined) command('cp', ['-a', `${left}/.`, results])
    const status = existsSync(join(left, '.status')) ? Number(readFileSync(join(left, '.status'), 'utf8')) : undefined
    return { status, output, console: readFileSync(console, 'latin1') }
  } finally {
    scratch.remove()
  }
}

/** The root disk comes first, so that it is /dev/vda. qemu wants a tar's length to be whole sectors, which it is. */
const drive = (name: string, file: string, options: string): string[] => [
  '-drive',
  `file=${file},format=raw,if=none,id=${name},${options}`,
  '-device',
  `virtio-blk-pci,drive=${name},serial=${name}`,
]

async function watch(argv: readonly string[], limit: number, onOutput: Job['onOutput']): Promise<string> {
  // However this process ends, the machine ends with it.
  const tied = ['--pdeathsig', 'KILL', '--', 'qemu-system-x86_64', ...argv]
  const qemu = spawn('setpriv', tied, { stdio: ['ignore', 'pipe', 'inherit'] })
  const timer = setTimeout(() => qemu.kill('SIGKILL'), limit * 1000)
  const chunks: Buffer[] = []
  qemu.stdout.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    onOutput?.(chunk)
  })
  try {
    await once(qemu, 'close')
  } finally {
    clearTimeout(timer)
  }
  return Buffer.concat(chunks).toString().replaceAll('\r', '')
}

function command(program: string, argv: readonly string[]): void {
  const { status, error, stderr } = spawnSync(program, argv, { encoding: 'utf8' })
  if (status !== 0) throw error ?? new Error(`${program} failed (${status}): ${stderr}`)
}
