import { changed, error, type Fault, faultOf, warning } from '../support/fault.ts'

const file = '/etc/sudoers.d/privexec_appstore'
const fault = faultOf('appstore')
const change = (plant: string) => changed(file, plant)

/** Faults of the drop-in itself. */
export const dropInFaults: readonly Fault[] = [
  fault(
    'an edited drop-in',
    change(`sed -i 's/TIMEOUT=1800s/TIMEOUT=1801s/' ${file}`),
    error('drop-in', /was edited.* line \d+/),
  ),
  fault(
    'an edited drop-in, seen by sudo',
    change(`sed -i 's/TIMEOUT=1800s/TIMEOUT=1801s/' ${file}`),
    error('rights', /does not grant appstore appstore\/pct\.exec as the policy does/),
  ),
  fault(
    'a drop-in of another state of the policy',
    change(`sed -i 's/^# policy-hash .*/# policy-hash ${'0'.repeat(64)}/' ${file}`),
    error('drop-in', /another state of the policy \(hash 000000000000 installed/),
  ),
  fault(
    'a drop-in that is no rendered one',
    change(`echo 'appstore ALL=(root) NOPASSWD: /usr/bin/true' >${file}`),
    error('drop-in', /names no policy-hash/),
  ),
  fault('no drop-in', change(`rm ${file}`), error('drop-in', /does not exist/)),
  fault(
    'no drop-in, seen by sudo',
    change(`rm ${file}`),
    error('rights', /does not grant appstore appstore\/pct\.push/),
  ),
  fault('a drop-in that everybody may read', change(`chmod 644 ${file}`), warning('drop-in', /mode 0644, not 0440/)),
  fault(
    'a drop-in that a group may write',
    change(`chgrp pgd ${file}; chmod 464 ${file}`),
    error('drop-in', /may be written by the group/),
  ),
  fault('a drop-in of another owner', change(`chown appstore ${file}`), error('drop-in', /belongs to the account/)),
  fault(
    'a drop-in that is a link',
    change(`mv ${file} /run/elsewhere; ln -s /run/elsewhere ${file}`),
    error('drop-in', /is not a regular file/),
  ),
  fault(
    'a drop-in under a name with a dot',
    [`mv ${file} ${file}.conf`, `mv ${file}.conf ${file}`],
    warning('drop-in', /privexec_appstore\.conf is passed over by sudo/),
  ),
  fault(
    'an older copy under another name',
    [
      `sed s/PRIVEXEC_APPSTORE/OLD/g ${file} >/etc/sudoers.d/old; chmod 440 /etc/sudoers.d/old`,
      'rm /etc/sudoers.d/old',
    ],
    error('drop-in', /old holds the rules of this policy a second time/),
  ),
  fault(
    'sudoers without the include',
    changed('/etc/sudoers', 'sed -i /includedir/d /etc/sudoers'),
    error('drop-in', /does not include \/etc\/sudoers\.d/),
  ),
  fault(
    'a directory of rules that a group may write',
    ['chgrp pgd /etc/sudoers.d; chmod 775 /etc/sudoers.d', 'chgrp root /etc/sudoers.d; chmod 755 /etc/sudoers.d'],
    error('drop-in', /\/etc\/sudoers\.d may be written by the group/),
  ),
]
