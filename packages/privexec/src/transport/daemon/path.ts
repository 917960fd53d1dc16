/** The socket of a policy. Who may enter its directory may ask. */
export const socketPath = (policy: string): string => `/run/privexec/${policy}/socket`
