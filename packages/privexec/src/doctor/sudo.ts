import { gunzipSync } from 'node:zlib'
import { sudoPath } from '../transport/sudo/paths.ts'
import type { Check } from './context.ts'
import { findings } from './finding.ts'
import type { Machine } from './machine.ts'
import { comparablePatch, type Flaw, flawsOf } from './sudo-cves.ts'
import { compareSudoVersions, oldestSudo, parseSudoVersion } from './sudo-version.ts'

/** Which sudo is installed, whether it can hold our rules, and which known flaws it has. */
export const sudoCheck: Check = async ({ machine, policy }) => {
  const needsPatterns = policy.transport === 'sudo'
  const found = findings('sudo')
  const { exitCode, stdout, stderr } = await machine.run([sudoPath, '--version'])
  if (exitCode === undefined) {
    found.error(`${sudoPath} cannot be started`, `Install sudo ${oldestSudo} or later`)
    return found.list
  }
  const sudo = parseSudoVersion(stdout + stderr)
  if (sudo.kind === 'unknown') {
    if (/no new privileges/.test(stderr)) {
      found.unknown(`${sudoPath} does not even tell its version to a process with NoNewPrivs`)
      return found.list
    }
    found.error(`${sudoPath} --version does not name a sudo that is known`, `Install sudo ${oldestSudo} or later`)
    return found.list
  }
  const { version } = sudo
  if (sudo.kind === 'sudo-rs') {
    if (!needsPatterns) found.ok(`${sudoPath} is sudo-rs ${version}, and the portable drop-in has no patterns`)
    else {
      found.error(
        `${sudoPath} is sudo-rs ${version}, which knows no patterns in arguments and refuses the drop-in`,
        'Say transport: daemon or transport: portable in the policy, whose root-side broker needs none',
      )
    }
    return found.list
  }
  if (!needsPatterns) found.ok(`${sudoPath} is sudo ${version}, and the portable drop-in has no patterns`)
  else if (compareSudoVersions(version, oldestSudo) < 0) {
    found.error(
      `sudo ${version} knows no patterns in arguments, so no rule of the drop-in matches`,
      `Install sudo ${oldestSudo} or later`,
    )
  } else found.ok(`${sudoPath} is sudo ${version}; patterns in arguments came with ${oldestSudo}`)

  const { value: file } = await machine.look(sudoPath)
  if (file?.kind === 'file' && (file.uid !== 0 || (file.mode & 0o4000) === 0)) {
    found.error(`${sudoPath} is not setuid root, so it cannot gain privileges`, 'Reinstall the package of sudo')
  }
  const open = flawsOf(version)
  if (open.length > 0) {
    const installed = await packageVersion(machine)
    const changelog = installed === undefined ? '' : await changelogOf(machine)
    for (const flaw of open) await judge(flaw, installed, changelog)
  }
  if (open.length === 0) found.ok(`sudo ${version} has no flaw that is known here`)
  return found.list

  async function judge(flaw: Flaw, installed: string | undefined, changelog: string): Promise<void> {
    const { id, summary, fixed } = flaw
    const upgrade = `Upgrade to sudo ${fixed} or later, or to a package with the patch`
    if (installed === undefined) {
      found.warning(
        `sudo ${version} has ${id} (${summary}), unless it was patched: only upstream's version can be judged`,
        upgrade,
      )
      return
    }
    if (changelog.includes(id)) {
      found.ok(`The changelog of package sudo ${installed} names the patch for ${id}`)
      return
    }
    const patched = comparablePatch(flaw, installed)
    if (patched === undefined) {
      found.warning(
        `sudo ${version} has ${id} (${summary}); whether package ${installed} is patched is not known here`,
        upgrade,
      )
    } else if ((await machine.run(['/usr/bin/dpkg', '--compare-versions', installed, 'ge', patched])).exitCode === 0) {
      found.ok(`Package sudo ${installed} is patched for ${id}`)
    } else {
      found.error(`Package sudo ${installed} has ${id}: ${summary}`, `Upgrade to ${patched} or later`)
    }
  }
}

async function packageVersion(machine: Machine): Promise<string | undefined> {
  const { stdout } = await machine.run(['/usr/bin/dpkg-query', '-s', 'sudo'])
  return /^Version: (\S+)$/m.exec(stdout)?.[1]
}

async function changelogOf(machine: Machine): Promise<string> {
  const { value } = await machine.read('/usr/share/doc/sudo/changelog.Debian.gz')
  try {
    return value === undefined ? '' : gunzipSync(value, { maxOutputLength: 8_388_608 }).toString('latin1')
  } catch {
    return ''
  }
}
