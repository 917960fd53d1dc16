/** The program of root's that sudo starts for a policy; it takes no argument. */
export const callPath = (policy: string): string => `/usr/libexec/privexec/call-${policy}`
