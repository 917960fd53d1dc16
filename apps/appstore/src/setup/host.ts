import { parseConfig } from '../config/load.ts'
import { AppstoreError } from '../errors/error.ts'
import { appstore, type Machine, privexec, shippedCatalog } from './machine.ts'
import { account, paths } from './paths.ts'
import { run, type Step } from './step.ts'
import { configText, madeBy, policyText, unitText } from './texts.ts'
import type { Wish } from './wish.ts'

/** What has to be before the token: the account, and the directories. */
export async function placeSteps(machine: Machine): Promise<Step[]> {
  return [
    {
      title: `the account ${account}`,
      why: 'the daemon runs as it; it has no login and no rights of its own',
      changes: [
        run(
          ...['/usr/sbin/useradd', '--system', '--user-group', '--no-create-home', '--home-dir', paths.state],
          ...['--shell', '/usr/sbin/nologin', account],
        ),
      ],
      isDone: async () => (await accountOf(machine)) !== undefined,
    },
    directoryStep(machine, paths.folder, 'configuration and token, which the daemon reads and cannot write', 'root'),
    directoryStep(machine, paths.state, 'database, catalog and the key of the secrets', account),
  ]
}

/** What comes after the token: configuration, policy, unit. What gives root's power away comes last. */
export async function hostSteps(machine: Machine, wish: Wish, storage: string): Promise<Step[]> {
  const config = await machine.read(paths.config)
  if (config !== undefined) refuseOther(config, wish)
  return [
    ...(wish.fingerprint === undefined && wish.ca !== undefined
      ? [fileStep(machine, paths.ca, wish.ca, 'the daemon knows the node by it', '0640')]
      : []),
    {
      ...fileStep(
        machine,
        paths.config,
        configText(wish, storage, shippedCatalog),
        'what the daemon does; go on with it',
        '0640',
      ),
      isDone: async () => (await machine.read(paths.config)) !== undefined,
    },
    ...(await policySteps(machine, wish)),
    ...(await unitSteps(machine, wish)),
  ]
}

/** Ids of the account and its group; undefined where it is not there. Throws for one that is root. */
async function accountOf(machine: Machine): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  const { exitCode, stdout } = await machine.run(['/usr/bin/getent', 'passwd', account])
  if (exitCode !== 0) return undefined
  const [, , uid, gid] = stdout.trim().split(':').map(Number)
  if (uid === undefined || gid === undefined || uid === 0 || gid === 0)
    throw new AppstoreError('APPSTORE_EXISTS', `The account ${account} is root's`)
  return { uid, gid }
}

function directoryStep(machine: Machine, path: string, why: string, owner: string): Step {
  return {
    title: `the directory ${path}`,
    why,
    changes: [run('/usr/bin/install', '-d', '-o', owner, '-g', account, '-m', '0750', path)],
    isDone: async () => {
      const [ids, found] = [await accountOf(machine), await machine.look(path)]
      const uid = owner === 'root' ? 0 : ids?.uid
      return found !== undefined && found.uid === uid && found.gid === ids?.gid && (found.mode & 0o7777) === 0o750
    },
  }
}

/** A file of root's, with the group of the daemon unless everybody may read it. */
function fileStep(machine: Machine, path: string, text: string, why: string, mode: '0640' | '0644'): Step {
  const content = { name: path.split('/').at(-1) ?? '', text }
  const group = mode === '0640' ? account : 'root'
  return {
    title: `the file ${path}`,
    why,
    changes: [run('/usr/bin/install', '-o', 'root', '-g', group, '-m', mode, content, path)],
    isDone: async () => (await machine.read(path)) === text,
  }
}

/** A configuration for another node, pool or token stays as it is, and the setup stops. */
function refuseOther(text: string, { url, pool }: Wish): void {
  const config = parseConfig(text, paths.config)
  const isSame = (given: string, wanted: string): boolean => given.replace(/\/$/, '') === wanted.replace(/\/$/, '')
  if (isSame(config.proxmox.url, url) && config.pool === pool && config.proxmox.tokenFile === paths.token) return
  throw new AppstoreError('APPSTORE_EXISTS', `${paths.config} is for another node, pool or token`, {
    field: 'pool',
    hint: 'Give the url and pool that it names, or move it away first',
  })
}

async function policySteps(machine: Machine, wish: Wish): Promise<Step[]> {
  const text = policyText(wish)
  const present = await machine.read(paths.policy)
  if (present !== undefined && present !== text && !present.startsWith(`${madeBy}\n`)) {
    throw new AppstoreError('APPSTORE_EXISTS', `${paths.policy} was not made by appstore setup`, {
      hint: 'Look at it; privexec policy uninstall appstore takes it away',
    })
  }
  const content = { name: 'appstore.yaml', text }
  const { from, to } = wish.range
  const policy: Step = {
    title: `the policy ${paths.policy}`,
    why: `root runs programs in containers ${from} to ${to} for ${account}, by ${wish.transport}`,
    changes: [run(...privexec('policy', 'check', content)), run(...privexec('policy', 'install', content))],
    isDone: async () => {
      const dry = privexec('policy', 'install', '--dry-run', '--json', content)
      const { exitCode, stdout } = await machine.run(dry)
      return exitCode === 0 && isUnchanged(stdout)
    },
  }
  if (wish.transport !== 'daemon' || !machine.hasSystemd) return [policy]
  return [
    policy,
    enabledStep(machine, 'privexecd-appstore.socket', 'systemd starts the root-side broker when it is called'),
  ]
}

async function unitSteps(machine: Machine, wish: Wish): Promise<Step[]> {
  const program = appstore()
  const odd = program.find(word => !/^[\w/.,:@+=-]+$/.test(word))
  if (odd !== undefined)
    throw new AppstoreError('APPSTORE_INPUT_INVALID', 'A unit cannot name the place where the app store is installed', {
      hint: 'Install it in a path without blanks and quotes',
    })
  const text = unitText(await machine.render(policyText(wish)), program)
  const file = fileStep(machine, paths.unit, text, 'systemd runs the daemon in a sandbox', '0644')
  if (!machine.hasSystemd) return [file]
  return [file, enabledStep(machine, 'appstore.service', 'the daemon runs now, and after each start of the node')]
}

function enabledStep(machine: Machine, unit: string, why: string): Step {
  const stateOf = async (verb: string): Promise<number> =>
    (await machine.run(['/usr/bin/systemctl', verb, '--quiet', unit])).exitCode
  return {
    title: `the unit ${unit} at work`,
    why,
    changes: [run('/usr/bin/systemctl', 'daemon-reload'), run('/usr/bin/systemctl', 'enable', '--now', unit)],
    isDone: async () => (await stateOf('is-enabled')) === 0 && (await stateOf('is-active')) === 0,
  }
}

function isUnchanged(stdout: string): boolean {
  try {
    const { steps } = JSON.parse(stdout) as { readonly steps: readonly { readonly state: string }[] }
    return steps.every(({ state }) => state === 'unchanged' || state === 'keep')
  } catch {
    return false
  }
}
