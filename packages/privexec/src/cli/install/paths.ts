/** Where sudo reads drop-ins. */
export const sudoersDirectory = '/etc/sudoers.d'
