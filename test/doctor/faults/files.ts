import { changed, error, type Fault, faultOf, warning } from '../support/fault.ts'

const end = '/usr/libexec/privexec/end-operation'
const staging = '/var/lib/privexec/staging/appstore'
const log = '/var/log/privexec'
const fault = faultOf('appstore')

/** Programs, staging directories and logs that somebody else could write, or that are missing. */
export const fileFaults: readonly Fault[] = [
  fault('no end-operation', changed(end, `rm ${end}`), error('programs', /end-operation does not exist/)),
  fault(
    'another end-operation',
    changed(end, `echo exec sh >>${end}`),
    error('programs', /not the one of this package/),
  ),
  fault('an end-operation that cannot run', changed(end, `chmod 644 ${end}`), error('programs', /cannot be executed/)),
  fault(
    'a program that everybody may write',
    ['chmod 777 /usr/sbin/pct', 'chmod 755 /usr/sbin/pct'],
    error('programs', /pct may be written by everybody/),
  ),
  fault(
    'a directory of a program that belongs to another',
    ['chown appstore /usr/libexec/privexec', 'chown root /usr/libexec/privexec'],
    error('programs', /\/usr\/libexec\/privexec belongs to the account/),
  ),
  fault(
    'a sudo without its bit',
    ['chmod 755 /usr/bin/sudo', 'chmod 4755 /usr/bin/sudo'],
    error('sudo', /not setuid root/),
  ),

  fault(
    'a staging directory without the sticky bit',
    [`chmod 0777 ${staging}/drop`, `chmod 1777 ${staging}/drop`],
    error('staging', /must have mode 1777/),
  ),
  fault(
    'a staging directory of the principal',
    [`chown appstore ${staging}`, `chown root ${staging}`],
    error('staging', /belongs to the account/),
  ),
  fault(
    'a staging directory that everybody may enter',
    [`chmod 711 ${staging}`, `chmod 710 ${staging}`],
    error('staging', /may be entered by everybody/),
  ),
  fault(
    'a staging directory of another group',
    [`chgrp pgd ${staging}`, `chgrp appstore ${staging}`],
    error('staging', /has the group \d+, not the principal's/),
  ),
  fault(
    'no staging directory',
    [`mv ${staging} /run/staging`, `mv /run/staging ${staging}`],
    error('staging', /drop is not a directory/),
  ),
  fault(
    'a planted link',
    [`ln -s /etc/shadow ${staging}/drop/x`, `rm ${staging}/drop/x`],
    error('staging', /drop\/x" is no regular file/),
  ),
  fault(
    'content that a crash left',
    [`touch -d '2 days ago' ${staging}/drop/x`, `rm ${staging}/drop/x`],
    warning('staging', /1 staged file/),
  ),

  fault(
    'no directory for the audit',
    [`mv ${log}/appstore /run/`, `mv /run/appstore ${log}/`],
    error('audit', /cannot be reached \(ENOENT\)/),
  ),
  fault(
    'an audit that the principal may not write',
    [`chown root ${log}/appstore`, `chown appstore ${log}/appstore`],
    error('audit', /appstore may not create files/),
  ),
  fault(
    'an audit that everybody may replace',
    [`chmod 757 ${log}/appstore`, `chmod 750 ${log}/appstore`],
    error('audit', /may be written by everybody/),
  ),
  fault(
    'an audit file that others may write',
    [`install -o appstore -m 666 /dev/null ${log}/appstore/audit.jsonl`, `rm ${log}/appstore/audit.jsonl`],
    error('audit', /mode 0666: others may write it/),
  ),
  fault(
    'a log of sudo that the principal may write',
    [`install -o appstore /dev/null ${log}/sudo-appstore.json`, `rm ${log}/sudo-appstore.json`],
    error('audit', /sudo-appstore\.json belongs to the account/),
  ),
  fault(
    'a directory of the log of sudo that everybody may write',
    [`chmod 757 ${log}`, `chmod 755 ${log}`],
    error('audit', /\/var\/log\/privexec may be written by everybody/),
  ),
]
