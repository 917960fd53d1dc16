/** What kind of reason an error has; each becomes one boolean of {@link AppstoreError}. */
export type Reason =
  | 'invalid'
  | 'notFound'
  | 'conflict'
  | 'precondition'
  | 'unavailable'
  | 'failed'
  | 'refused'
  | 'unauthenticated'
  | 'noSpace'
  | 'busy'
  | 'timedOut'
  | 'cancelled'

interface Entry {
  readonly reason: Reason
  /** Exit status of the `appstore` command: one number for each class; sysexits.h where it has one. */
  readonly exit: number
  /** Status of an HTTP answer that reports it, 400 to 599. */
  readonly http: number
  readonly summary: string
  readonly advice: string
}

/**
 * Every error that the app store can report. Documentation, exit statuses and HTTP statuses are generated from this
 * table, and a test fails when a code is missing from either side.
 */
export const errorRegistry = {
  APPSTORE_USAGE: {
    reason: 'invalid',
    exit: 64,
    http: 400,
    summary: 'The command line or the request is not one that the app store knows',
    advice: 'See appstore --help, or the OpenAPI page of the daemon',
  },
  APPSTORE_INPUT_INVALID: {
    reason: 'invalid',
    exit: 65,
    http: 422,
    summary: 'A value is not of its kind',
    advice: 'Correct the fields that the message names; it says what is allowed',
  },
  APPSTORE_CONFIG_INVALID: {
    reason: 'invalid',
    exit: 65,
    http: 500,
    summary: 'The configuration file is not valid, or others may write it',
    advice: 'Correct the line that the message names; appstore doctor checks the file',
  },
  APPSTORE_MANIFEST_INVALID: {
    reason: 'invalid',
    exit: 65,
    http: 422,
    summary: 'A file of the catalog is not valid',
    advice: 'Correct the lines that the problems name, or tell the maintainers of the catalog',
  },
  APPSTORE_NOT_FOUND: {
    reason: 'notFound',
    exit: 66,
    http: 404,
    summary: 'There is no such app, install, job, source or volume',
    advice: 'See what there is: appstore catalog list, appstore list, appstore jobs',
  },
  APPSTORE_EXISTS: {
    reason: 'conflict',
    exit: 73,
    http: 409,
    summary: 'The name is taken',
    advice: 'Choose another name',
  },
  APPSTORE_CHANGED: {
    reason: 'conflict',
    exit: 73,
    http: 409,
    summary: 'It has changed since it was read',
    advice: 'Read it again, then repeat the change',
  },
  APPSTORE_IDEMPOTENCY_MISMATCH: {
    reason: 'conflict',
    exit: 73,
    http: 409,
    summary: 'The idempotency key was used for another request',
    advice: 'Use a new key for a new request',
  },
  APPSTORE_CONSENT_REQUIRED: {
    reason: 'precondition',
    exit: 78,
    http: 428,
    summary: 'What the app asks for was not agreed to, or has changed since',
    advice: 'Read what it asks for, and send its consent hash along',
  },
  APPSTORE_WRONG_STATE: {
    reason: 'precondition',
    exit: 78,
    http: 409,
    summary: 'The install or the job is in a state that does not allow it',
    advice: 'See its state: appstore show INSTALL',
  },
  APPSTORE_PROTECTED: {
    reason: 'precondition',
    exit: 78,
    http: 409,
    summary: 'The guest is protected',
    advice: 'Lift the protection in Proxmox first',
  },
  APPSTORE_FOREIGN: {
    reason: 'precondition',
    exit: 78,
    http: 409,
    summary: 'The guest is not one of this app store',
    advice: 'Look at what the message names; the app store never touches what it did not make or adopt',
  },
  APPSTORE_NOT_SET_UP: {
    reason: 'precondition',
    exit: 78,
    http: 503,
    summary: 'Something that setup makes is missing',
    advice: 'Run appstore doctor; it says what lacks. An administrator makes it with appstore setup',
  },
  APPSTORE_PROXMOX_UNAVAILABLE: {
    reason: 'unavailable',
    exit: 69,
    http: 502,
    summary: 'Proxmox cannot be reached',
    advice: 'Run appstore doctor; it says what was tried',
  },
  APPSTORE_CATALOG_UNAVAILABLE: {
    reason: 'unavailable',
    exit: 69,
    http: 502,
    summary: 'A catalog source cannot be reached',
    advice: 'Check its address and credentials; what was accepted before stays in use',
  },
  APPSTORE_PRIVILEGED_UNAVAILABLE: {
    reason: 'unavailable',
    exit: 69,
    http: 503,
    summary: 'The way to the privileged commands cannot be used',
    advice: 'Run privexec doctor; it says what lacks',
  },
  APPSTORE_STORE_UNAVAILABLE: {
    reason: 'unavailable',
    exit: 69,
    http: 503,
    summary: 'The database or the data directory cannot be used',
    advice: 'Run appstore doctor; it says what lacks',
  },
  APPSTORE_STORE_TOO_NEW: {
    reason: 'unavailable',
    exit: 69,
    http: 503,
    summary: 'The database was written by a newer version of the app store',
    advice: 'Start the newer version, or restore the copy that was made before its migration',
  },
  APPSTORE_STORE_DAMAGED: {
    reason: 'unavailable',
    exit: 69,
    http: 503,
    summary: 'The database is damaged, or is not one of the app store',
    advice: 'Restore a copy of it; the guests themselves are not affected',
  },
  APPSTORE_PROXMOX_FAILED: {
    reason: 'failed',
    exit: 70,
    http: 502,
    summary: 'Proxmox could not do it',
    advice: "The message ends with Proxmox's own words; the task log has more",
  },
  APPSTORE_PRIVILEGED_FAILED: {
    reason: 'failed',
    exit: 70,
    http: 502,
    summary: 'A privileged command failed, or its exit status was lost',
    advice: 'The message ends with its own words; the audit trail has the operation',
  },
  APPSTORE_PROVISION_FAILED: {
    reason: 'failed',
    exit: 70,
    http: 502,
    summary: "The app's script failed in the guest",
    advice: 'Read the log of the job',
  },
  APPSTORE_HEALTH_FAILED: {
    reason: 'failed',
    exit: 70,
    http: 502,
    summary: 'The app does not answer as its health check wants',
    advice: 'Read the log of the job and of the app',
  },
  APPSTORE_PROGRAM_FAILED: {
    reason: 'failed',
    exit: 70,
    http: 500,
    summary: 'A program that the app store uses failed',
    advice: 'The message ends with its own words',
  },
  APPSTORE_SECRET_UNREADABLE: {
    reason: 'failed',
    exit: 70,
    http: 500,
    summary: 'A stored secret cannot be decrypted',
    advice: 'Restore the key file that belongs to the database, or set the secret anew',
  },
  APPSTORE_INTERNAL: {
    reason: 'failed',
    exit: 70,
    http: 500,
    summary: 'A fault of the app store itself',
    advice: 'Report it, with the log of the daemon',
  },
  APPSTORE_FORBIDDEN: {
    reason: 'refused',
    exit: 77,
    http: 403,
    summary: 'The token or session may not do that',
    advice: 'Use one with the scope that the message names',
  },
  APPSTORE_ROOT_ONLY: {
    reason: 'refused',
    exit: 77,
    http: 422,
    summary: 'Proxmox reserves it for root@pam, and no privileged command of the policy does it',
    advice: 'Have an administrator grant the command that the message names, or do it by hand',
  },
  APPSTORE_PROXMOX_REFUSED: {
    reason: 'refused',
    exit: 77,
    http: 502,
    summary: "Proxmox does not allow it to the app store's token",
    advice: 'Run appstore doctor; it says which privilege lacks',
  },
  APPSTORE_PRIVILEGED_REFUSED: {
    reason: 'refused',
    exit: 77,
    http: 502,
    summary: 'The policy does not allow the privileged command',
    advice: 'Run privexec explain with the command; it names the bound',
  },
  APPSTORE_PERMISSION_UNDECLARED: {
    reason: 'refused',
    exit: 77,
    http: 502,
    summary: "The app's script wanted something that its manifest does not declare",
    advice: 'Tell the maintainers of the app; nothing outside its declared permissions is done',
  },
  APPSTORE_UNAUTHENTICATED: {
    reason: 'unauthenticated',
    exit: 67,
    http: 401,
    summary: 'Nobody is logged in, or the token is not valid',
    advice: 'Log in, or send a valid token',
  },
  APPSTORE_NO_SPACE: {
    reason: 'noSpace',
    exit: 74,
    http: 507,
    summary: 'A storage is full, or no container id of the range is free',
    advice: 'Free some, or choose another storage',
  },
  APPSTORE_BUSY: {
    reason: 'busy',
    exit: 75,
    http: 409,
    summary: 'Another job works on the same install or guest',
    advice: 'Wait for the job that the message names, or cancel it',
  },
  APPSTORE_STORE_BUSY: {
    reason: 'busy',
    exit: 75,
    http: 503,
    summary: 'Another process uses the database',
    advice: 'End the other daemon on the same data directory, then try again',
  },
  APPSTORE_RATE_LIMITED: {
    reason: 'busy',
    exit: 75,
    http: 429,
    summary: 'Too many attempts',
    advice: 'Wait as long as the answer says',
  },
  APPSTORE_TIMED_OUT: {
    reason: 'timedOut',
    exit: 124,
    http: 504,
    summary: 'The time limit was reached',
    advice: 'Read the log of the job: what was begun is undone or can be resumed',
  },
  APPSTORE_TASK_STUCK: {
    reason: 'timedOut',
    exit: 124,
    http: 504,
    summary: 'A task of Proxmox neither ends nor can be ended',
    advice: 'See on the node what the process of the task waits for; what the job left is named in its failure',
  },
  APPSTORE_CANCELLED: {
    reason: 'cancelled',
    exit: 130,
    http: 409,
    summary: 'It was cancelled',
    advice: 'What was begun is undone',
  },
} as const satisfies Readonly<Record<string, Entry>>

/** A code of {@link errorRegistry}. */
export type ErrorCode = keyof typeof errorRegistry
