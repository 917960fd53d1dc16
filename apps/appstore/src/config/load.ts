import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { fit, Problems } from '../catalog/manifest/problem.ts'
import { readYaml } from '../catalog/yaml/read.ts'
import { AppstoreError, type Problem } from '../errors/error.ts'
import type { Config } from './config.ts'
import { type ConfigDocument, configSchema, typedKeys } from './schema.ts'

/** Largest configuration in bytes. */
const largest = 262_144

/**
 * Reads the configuration.
 * @throws {AppstoreError} `APPSTORE_CONFIG_INVALID`: with all problems, each with line and column, or when others than
 * root and this account may write the file.
 */
export function loadConfig(file: string): Config {
  return parseConfig(readTrusted(file), file)
}

/** As {@link loadConfig}, of a text. */
export function parseConfig(text: string, file: string): Config {
  const yaml = readYaml(text, typedKeys)
  const problems = new Problems(file, yaml)
  const document = fit(configSchema, yaml, problems)
  if (document !== undefined) checkPairs(document, problems)
  if (document === undefined || problems.failed) throw invalid(file, problems.all)
  return configOf(document, file)
}

function configOf(document: ConfigDocument, file: string): Config {
  const { proxmox, listen = {}, defaults = {}, catalog, jobs = {}, timeouts = {} } = document
  const { token_file: tokenFile, insecure = false, ...door } = proxmox
  const { backup_storage: backupStorage, ...given } = defaults
  const sources = (catalog?.sources ?? []).map(source => {
    if ('directory' in source) return source
    const { ssh_key: sshKey, known_hosts: knownHosts, ...rest } = source
    return defined({ ...rest, sshKey, knownHosts })
  })
  return defined({
    file,
    node: document.node,
    pool: document.pool,
    state: document.state ?? '/var/lib/appstore',
    policy: document.policy ?? '/etc/privexec/policies.d/appstore.yaml',
    proxmox: defined({ ...door, tokenFile, insecure }),
    listen: defined({ address: '127.0.0.1', port: 8443, names: [], ...listen }),
    defaults: defined({ ...given, backupStorage, network: given.network ?? {} }),
    sources,
    jobs: { atOnce: jobs.at_once ?? 4, keepDays: jobs.keep_days ?? 90 },
    timeouts: {
      network: timeouts.network ?? 60_000,
      health: timeouts.health ?? 120_000,
      shutdown: timeouts.shutdown ?? 60_000,
      task: timeouts.task ?? 900_000,
      create: timeouts.create ?? 1_800_000,
      copy: timeouts.copy ?? 43_200_000,
    },
  }) as Config
}

/** What single fields cannot tell. */
function checkPairs({ proxmox, listen, catalog }: ConfigDocument, problems: Problems): void {
  const { ca, fingerprint, insecure } = proxmox
  if (insecure && (ca !== undefined || fingerprint !== undefined)) {
    problems.error(['proxmox', 'insecure'], 'contradicts ca and fingerprint')
  }
  if (!insecure && ca === undefined && fingerprint === undefined) {
    problems.error(['proxmox'], 'needs ca or fingerprint, so that the daemon knows the node')
  }
  if ((listen?.certificate === undefined) !== (listen?.key === undefined)) {
    problems.error(['listen'], 'certificate and key go together')
  }
  const seen = new Set<string>()
  for (const [n, { name }] of (catalog?.sources ?? []).entries()) {
    if (seen.has(name)) problems.error(['catalog', 'sources', n, 'name'], 'is there twice')
    seen.add(name)
  }
}

/** The same without what is undefined. */
const defined = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }

function readTrusted(file: string): string {
  const failed = (message: string, cause?: unknown): AppstoreError =>
    new AppstoreError('APPSTORE_CONFIG_INVALID', `${file} ${message}`, cause === undefined ? {} : { cause })
  let descriptor: number
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    throw failed(`cannot be read: ${(cause as Error).message}`, cause)
  }
  try {
    const { mode, uid, size } = fstatSync(descriptor)
    if ((mode & 0o170000) !== 0o100000 || size > largest) throw failed(`is no file of at most ${largest} bytes`)
    if (uid !== 0 && uid !== process.getuid?.()) throw failed('belongs to another account')
    if ((mode & 0o022) !== 0) throw failed('can be written by others: chmod go-w')
    return readFileSync(descriptor, 'utf8')
  } finally {
    closeSync(descriptor)
  }
}

function invalid(file: string, problems: readonly Problem[]): AppstoreError {
  const lines = problems.map(({ field, message, line, column }) => `${file}:${line}:${column}: ${field}: ${message}`)
  return new AppstoreError('APPSTORE_CONFIG_INVALID', lines.join('\n'), { problems })
}
