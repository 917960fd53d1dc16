import { changed, error, type Fault, faultOf, rules, warning } from '../support/fault.ts'

const service = faultOf('appstore')
const people = faultOf('pgd')

/** Other rules, settings and memberships that widen a policy or spoil it. */
export const rightsFaults: readonly Fault[] = [
  service(
    'a later file with ALL',
    rules('zz', 'appstore ALL=(ALL:ALL) ALL'),
    error('neighbours', /zz is read after the drop-in .*"ALL"/),
  ),
  service(
    'ALL, in force',
    rules('aa', 'appstore ALL=(ALL:ALL) ALL'),
    error('rights', /beyond the policy, as ALL, group ALL without a password: "ALL"/),
  ),
  service(
    'a rule behind the include of the main file',
    changed('/etc/sudoers', "echo 'appstore ALL=(root) /usr/bin/nsenter' >>/etc/sudoers"),
    error('neighbours', /\/etc\/sudoers is read after the drop-in .*nsenter"/),
  ),
  service(
    'a wildcard in another file',
    rules('aa', 'appstore ALL=(root) /usr/bin/systemctl restart *'),
    error('rights', /systemctl restart \*" \(a wildcard/),
  ),
  service(
    'a fixed command in another file',
    rules('aa', 'appstore ALL=(root) /usr/bin/systemctl restart x'),
    warning('rights', /systemctl restart x" \(these arguments/),
  ),
  people(
    'a rule by way of aliases and a group',
    rules('zz', 'User_Alias DB = %pgd\\nCmnd_Alias Z = /usr/sbin/zfs\\nDB ALL=(root) NOPASSWD: Z'),
    error('rights', /alice has a rule beyond the policy.*"\/usr\/sbin\/zfs" \(any arguments\)/),
  ),
  people(
    'a member who is an administrator with a password',
    rules('aa', 'alice ALL=(ALL) ALL'),
    warning('rights', /alice has a rule beyond the policy.*"ALL" \(any command\)/),
  ),
  service(
    'a broken neighbour',
    rules('zz', 'alice ALL=(root'),
    warning('neighbours', /zz: sudo cannot read it \("1:\d+: syntax error/),
  ),
  service(
    'a later setting for our commands',
    rules('zz', 'Defaults!PRIVEXEC_APPSTORE setenv, env_keep+=LD_PRELOAD'),
    error('neighbours', /zz: Defaults setenv, env_keep is for our commands/),
  ),
  service(
    'a later setting that stops the log',
    rules('zz', 'Defaults:appstore !log_denied'),
    warning('neighbours', /zz: Defaults !log_denied is for our principal/),
  ),
  service(
    'a setting that stops every call',
    rules('aa', 'Defaults requiretty'),
    error('neighbours', /aa: Defaults requiretty: sudo then refuses/),
  ),
  service(
    'a setting that keeps what callers send',
    rules('aa', 'Defaults log_input'),
    warning('neighbours', /aa: Defaults log_input: .*secrets/),
  ),
  service(
    'membership in docker',
    ['getent group docker >/dev/null || groupadd docker; gpasswd -a appstore docker', 'gpasswd -d appstore docker'],
    error('groups', /appstore is a member of docker/),
  ),
  people(
    'membership of a member in disk',
    ['gpasswd -a alice disk', 'gpasswd -d alice disk'],
    error('groups', /alice is a member of disk/),
  ),
  people(
    'a socket of Docker for another group',
    [
      'perl -MIO::Socket::UNIX -e "IO::Socket::UNIX->new(Local => q(/run/docker.sock), Listen => 1)"; chgrp pgd /run/docker.sock; chmod 660 /run/docker.sock',
      'rm /run/docker.sock',
    ],
    error('groups', /alice may write \/run\/docker\.sock/),
  ),
  service(
    'no account',
    changed('/etc/passwd', 'sed -i /^appstore:/d /etc/passwd'),
    error('rights', /There is no account appstore/),
  ),
]
