import { escapeValue } from '../errors/escape.ts'
import { baseOf } from '../guard/zfs-subject.ts'
import type { Check, Context } from './context.ts'
import { type Findings, findings } from './finding.ts'
import { openness, way } from './trust.ts'
import { type Delegation, dangerousPermissions, parseDelegations } from './zfs-allow.ts'
import { judgeMounts } from './zfs-mounts.ts'

const zfs = '/usr/sbin/zfs'

/** Directories over which no dataset may be mounted. */
const system =
  /^\/(?:$|(?:bin|boot|dev|etc|lib|lib32|lib64|proc|root|run|sbin|sys|usr|var\/lib\/privexec|var\/log)(?:\/|$))/

/** The datasets that the policy's mounts can reach: their properties, their mounts, and what was delegated. */
export const zfsCheck: Check = async context => {
  const found = findings('zfs')
  const { policy, machine } = context
  const bases = new Set(
    policy.grants.filter(({ command }) => command.program.path === zfs).map(({ where }) => baseOf(where.base).dataset),
  )
  if (bases.size === 0) {
    found.ok('No grant of this policy is for zfs')
    return found.list
  }
  for (const base of bases) {
    const names = 'mountpoint,setuid,devices,exec'
    const { exitCode, stdout, stderr } = await machine.run([
      zfs,
      ...['get', '-rHp', '-o', 'name,property,value,source', names, base],
    ])
    if (exitCode === undefined) found.unknown(`${zfs} cannot be started, so ${base} was not looked at`)
    else if (exitCode !== 0) {
      const missing = /does not exist/.test(stderr)
      const message = `zfs get ${base} failed: ${escapeValue(stderr.trim().split('\n')[0])}`
      if (missing) found.error(message, `zfs create -o setuid=off -o devices=off ${base}`)
      else found.unknown(message, 'Run privexec doctor as root')
    } else {
      await judgeProperties(found, base, stdout, context)
      await judgeMounts(found, base, context)
      await judgeDelegation(found, base, context)
    }
  }
  found.okIfNone(`${[...bases].join(', ')}: mount points, setuid and devices are as root set them`)
  return found.list
}

async function judgeProperties(found: Findings, base: string, text: string, { machine }: Context): Promise<void> {
  const rows = text
    .split('\n')
    .map(line => line.split('\t'))
    .filter(([name]) => name && !name.includes('@'))
  const mountpoint = rows.find(([name, property]) => name === base && property === 'mountpoint')?.[2] ?? ''
  if (mountpoint === 'none' || mountpoint === 'legacy') {
    found.warning(
      `${base} has mountpoint=${mountpoint}, so zfs mount mounts nothing below it`,
      `zfs set mountpoint=PATH ${base}`,
    )
  } else if (system.test(mountpoint)) {
    found.error(`${base} is mounted at ${mountpoint}, a directory of the system`, `zfs set mountpoint=PATH ${base}`)
  } else
    for (const problem of (await way(machine, mountpoint)).places.flatMap(openness))
      found.error(`${problem}, on the way to ${base}`)
  for (const [name = '', property = '', value = '', source = ''] of rows) {
    const shown = escapeValue(name)
    if (property === 'mountpoint') {
      const inside =
        value === mountpoint || value.startsWith(`${mountpoint}/`) || value === 'none' || value === 'legacy'
      if (name !== base && !inside) {
        found.error(
          `${shown} would be mounted at ${escapeValue(value)}, outside of ${mountpoint}`,
          'zfs inherit mountpoint DATASET',
        )
      } else if (name !== base && /^(local|received)/.test(source)) {
        found.warning(`${shown} has a mountpoint of its own: ${escapeValue(value)}`, 'zfs inherit mountpoint DATASET')
      }
    } else if (value !== 'off') {
      // Datasets of data need no programs either, but PostgreSQL extensions may.
      const level = property === 'exec' ? 'note' : 'error'
      if (name === base || level === 'error')
        found.add(level, `${shown} has ${property}=${value}`, `zfs set ${property}=off ${base}`)
    }
  }
}

async function judgeDelegation(found: Findings, base: string, { machine, accounts, policy }: Context): Promise<void> {
  const { exitCode, stdout, stderr } = await machine.run([zfs, 'allow', base])
  if (exitCode !== 0 || /internal error/.test(stderr)) {
    const why = (stderr || stdout).trim().split('\n')[0]
    found.note(`Delegation on ${base} cannot be read: this zfs answers "zfs allow" with ${escapeValue(why)}`)
    return
  }
  const { principal } = policy
  const delegations = parseDelegations(stdout)
  const before = found.list.length
  const creates = delegations.some(each => isFor(each) && each.permissions.includes('create'))
  for (const each of delegations) {
    const dangerous = each.permissions.filter(permission => dangerousPermissions.has(permission))
    if (dangerous.length === 0 || !(isFor(each) || (each.who === 'create' && creates))) continue
    const who = each.who === 'create' ? 'whoever creates a dataset' : `${each.who} ${each.name}`.trim()
    const option = { user: `-u ${each.name} `, group: `-g ${each.name} `, everyone: '-e ', create: '-c ' }[each.who]
    found.error(
      `On ${each.dataset}, ${dangerous.join(', ')} is delegated to ${who}: with it a permitted mount can land anywhere or bring rights along`,
      `zfs unallow ${option}${dangerous.join(',')} ${each.dataset}`,
    )
  }

  if (found.list.length === before) found.ok(`zfs allow ${base}: nothing dangerous is delegated to the principal`)

  function isFor({ who, name }: Delegation): boolean {
    if (who === 'everyone') return true
    if (who === 'group') return name === principal.name || accounts.some(({ groups }) => groups.includes(name))
    return who === 'user' && (name === principal.name || accounts.some(account => account.name === name))
  }
}
