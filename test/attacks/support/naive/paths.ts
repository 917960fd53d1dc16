/** Of the helper that is the baseline: one socket for everybody. */
export const naiveSocket = '/run/naive.sock'
/** Who may ask for which verb, by the name in the request. */
export const naivePolicy = '/var/lib/appstore/naive-policy.json'
export const naiveLog = '/var/log/naive.log'
