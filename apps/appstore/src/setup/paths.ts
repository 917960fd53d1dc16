/** Places on the machine; the unit lets the daemon write in `state` only. */
export const paths = {
  folder: '/etc/appstore',
  config: '/etc/appstore/config.yml',
  token: '/etc/appstore/token',
  ca: '/etc/appstore/pve-root-ca.pem',
  state: '/var/lib/appstore',
  policy: '/etc/privexec/policies.d/appstore.yaml',
  unit: '/etc/systemd/system/appstore.service',
} as const

/** The account of the daemon, its group, and the name of its policy. */
export const account = 'appstore'
