/** Directory of root's programs; `privexec policy install` puts them there. */
export const libexec = '/usr/libexec/privexec'

/** Makes the calls of the kernel which Node does not have, or is slow at. */
export const wardenPath = `${libexec}/warden`

/** Gives a program a terminal of its own. */
export const terminalPath = `${libexec}/terminal`
