import { escapeValue } from '@broker/privexec'
import { AppstoreError } from '../errors/error.ts'
import type { GuestDoor } from './door.ts'

/** Where archives are unpacked in a guest; only its root can read there. */
const base = '/opt/appstore/run'

/** The directory of one archive in the guest. Both words come from us: an app's id, and hexadecimal digits. */
export const directoryOf = (app: string, digest: string): string => `${base}/${app}/${digest}`

/** Milliseconds; a slow mirror may take its time. */
const patience = 10 * 60_000

/**
 * Prepares a guest, bare or not: private directories, Python (the only package that everything needs), archives of other
 * versions of the app removed. A fixed text on standard input; the braces make the shell read it whole before a program
 * in it could. The last line of output is its answer.
 */
const script = `{
set -eu
umask 077
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH DEBIAN_FRONTEND=noninteractive
app=$1
digest=$2
mkdir -p "${base}/$app"
chmod 755 /opt/appstore
chmod 700 "${base}" "${base}/$app"
for other in "${base}/$app"/*; do
  [ "$other" = "${base}/$app/$digest" ] || rm -rf "$other"
done
if ! command -v python3 >/dev/null; then
  if command -v apk >/dev/null; then
    apk add --no-cache python3 </dev/null >&2
  elif command -v apt-get >/dev/null; then
    apt-get -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 update </dev/null >&2
    apt-get -qq -y -o DPkg::Lock::Timeout=300 --no-install-recommends install python3 </dev/null >&2
  else
    echo 'appstore: no-packages'
    exit 0
  fi
fi
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))' </dev/null; then
  echo 'appstore: old-python'
elif [ -e "${base}/$app/$digest/.complete" ]; then
  echo 'appstore: present'
else
  rm -rf "${base}/$app/$digest"
  mkdir "${base}/$app/$digest"
  echo 'appstore: absent'
fi
exit 0
}
`

const refusals: Readonly<Record<string, string>> = {
  'no-packages': 'it has neither Python nor a package manager that is known (apt, apk)',
  'old-python': 'its Python is older than 3.9',
}

/**
 * Makes a guest ready to run scripts. Returns whether the archive is there already.
 * @throws {AppstoreError} `APPSTORE_PROVISION_FAILED` when the guest cannot be made ready.
 */
export async function bootstrap(
  guest: GuestDoor,
  app: string,
  digest: string,
  signal: AbortSignal | undefined,
): Promise<'present' | 'absent'> {
  const run = await guest.exec(['sh', '-s', '--', app, digest], { stdin: script, signal, timeout: patience })
  const answer = /^appstore: ([a-z-]+)$/.exec(run.stdout.trimEnd().split('\n').at(-1) ?? '')?.[1]
  if (run.exitCode === 0 && (answer === 'present' || answer === 'absent')) return answer
  const why =
    (answer !== undefined && refusals[answer]) || escapeValue(lastWords(run.stderr) || 'it gave no answer', 300)
  throw new AppstoreError('APPSTORE_PROVISION_FAILED', `The guest cannot be prepared: ${why}`, {
    exitCode: run.exitCode,
    stderr: run.stderr.slice(-4000),
  })
}

/** Unpacks the archive that was pushed beside its directory; it counts as there only when all of it is. */
export async function unpack(guest: GuestDoor, directory: string, signal: AbortSignal | undefined): Promise<void> {
  const line = 'tar -xf "$1.tar" -C "$1" && rm -f "$1.tar" && : >"$1/.complete"'
  const run = await guest.exec(['sh', '-c', line, 'sh', directory], { signal, timeout: 120_000 })
  if (run.exitCode === 0) return
  const why = escapeValue(lastWords(run.stderr) || `exit status ${run.exitCode}`, 300)
  throw new AppstoreError('APPSTORE_PROVISION_FAILED', `The archive cannot be unpacked in the guest: ${why}`, {
    exitCode: run.exitCode,
    stderr: run.stderr.slice(-4000),
  })
}

const lastWords = (text: string): string => text.trimEnd().split('\n').at(-1)?.slice(0, 300) ?? ''
