/** What kind of reason an error has; each becomes one boolean of {@link ProxmoxError}. */
export type Reason =
  | 'invalid'
  | 'unauthorized'
  | 'forbidden'
  | 'notFound'
  | 'conflict'
  | 'precondition'
  | 'busy'
  | 'noSpace'
  | 'unsupported'
  | 'unavailable'
  | 'untrusted'
  | 'failed'
  | 'timedOut'
  | 'lost'
  | 'cancelled'

interface Entry {
  readonly reason: Reason
  readonly summary: string
  readonly advice: string
}

/**
 * Every error that this library can report. `docs/reference/proxmox-errors.md` is generated from this table, and a test
 * fails when a code is missing from either side.
 */
export const errorRegistry = {
  PROXMOX_INPUT_INVALID: {
    reason: 'invalid',
    summary: 'An option, parameter or value is missing, unknown, or not of its kind; nothing was sent',
    advice: 'Correct the field that the message names; it says what is allowed',
  },
  PROXMOX_PARAMETERS_REFUSED: {
    reason: 'invalid',
    summary: 'Proxmox refused parameters; `parameters` has its word on each',
    advice: 'Correct the parameters that the message names; another version of Proxmox may know other ones',
  },
  PROXMOX_TOKEN_UNREADABLE: {
    reason: 'unavailable',
    summary: 'The file with the API token cannot be read, or is open to others',
    advice: 'Let the file belong to the account that runs this, with mode 0600 or 0640',
  },
  PROXMOX_UNAUTHORIZED: {
    reason: 'unauthorized',
    summary: 'Proxmox does not know the API token, or it has expired',
    advice: 'Check id and secret of the token, and that its user is enabled: pveum user token list USER',
  },
  PROXMOX_FORBIDDEN: {
    reason: 'forbidden',
    summary: 'The token lacks a privilege; `permission` names it. Also what does not exist is answered like this',
    advice: 'Give the token a role with that privilege on that path, if it should have it',
  },
  PROXMOX_ROOT_ONLY: {
    reason: 'forbidden',
    summary: 'Proxmox lets only root@pam with a password do this; no token can',
    advice: 'Do it on the node itself: pct set',
  },
  PROXMOX_NOT_FOUND: {
    reason: 'notFound',
    summary: 'There is no such thing; `subject` says which kind of thing',
    advice: 'List what there is',
  },
  PROXMOX_EXISTS: {
    reason: 'conflict',
    summary: 'The id or name is taken',
    advice: 'Choose another; for a guest, ask for the next free id again',
  },
  PROXMOX_CHANGED: {
    reason: 'conflict',
    summary: 'The configuration was changed by somebody else since it was read',
    advice: 'Read it again, look whether the change still fits, and repeat it with the new digest',
  },
  PROXMOX_PROTECTED: {
    reason: 'precondition',
    summary: 'The guest is protected against removal',
    advice: 'Lift the protection first, if the guest is to go',
  },
  PROXMOX_NOT_RUNNING: {
    reason: 'precondition',
    summary: 'The guest does not run',
    advice: 'Start it first',
  },
  PROXMOX_RUNNING: {
    reason: 'precondition',
    summary: 'The guest runs already, or has to be stopped for this',
    advice: 'Stop it first',
  },
  PROXMOX_LOCKED: {
    reason: 'busy',
    summary: 'Another operation has the guest locked, or its lock could not be had in time',
    advice: 'Wait until the other operation ends; a lock that stays is lifted by root with pct unlock',
  },
  PROXMOX_NO_SPACE: {
    reason: 'noSpace',
    summary: 'The storage is full',
    advice: 'Make room on the storage, or take another one',
  },
  PROXMOX_UNSUPPORTED: {
    reason: 'unsupported',
    summary: 'This Proxmox has no such method, or the storage has no such feature',
    advice: 'Check the version of Proxmox and the type of the storage',
  },
  PROXMOX_FAILED: {
    reason: 'failed',
    summary: 'Proxmox tried, and says why it failed',
    advice: 'Read the message; it is the one of Proxmox',
  },
  PROXMOX_UNREACHABLE: {
    reason: 'unavailable',
    summary: 'No connection to Proxmox, or from its proxy to the node; nothing was sent to it',
    advice: 'Check address and port, and that pveproxy runs: systemctl status pveproxy',
  },
  PROXMOX_CERTIFICATE_REFUSED: {
    reason: 'untrusted',
    summary: 'The server is not the one whose certificate was pinned; nothing was sent',
    advice:
      'Compare `fingerprint` with the one that the node shows (pvenode cert info); do not go on if they should be the same',
  },
  PROXMOX_TIMED_OUT: {
    reason: 'timedOut',
    summary: 'No whole answer in time; a change may have been made',
    advice: 'Look at Proxmox before the change is repeated',
  },
  PROXMOX_CONNECTION_LOST: {
    reason: 'lost',
    summary: 'The connection ended before the whole answer came; a change may have been made',
    advice: 'Look at Proxmox before the change is repeated',
  },
  PROXMOX_ANSWER_INVALID: {
    reason: 'lost',
    summary: 'The answer is not what Proxmox answers; a change may have been made',
    advice: 'Check that the address is that of a Proxmox API; else it is a version that this library does not know',
  },
  PROXMOX_CANCELLED: {
    reason: 'cancelled',
    summary: 'The caller gave up; a change may have been made',
    advice: 'Look at Proxmox before the change is repeated',
  },
  PROXMOX_TASK_FAILED: {
    reason: 'failed',
    summary: 'A task ended with an error; `log` has its last lines',
    advice: 'Read the message and the log of the task',
  },
  PROXMOX_TASK_UNKNOWN: {
    reason: 'lost',
    summary: 'A task ended, and Proxmox cannot tell how: the node may have been restarted meanwhile',
    advice: 'Look at what the task should have made',
  },
  PROXMOX_TASK_TIMED_OUT: {
    reason: 'timedOut',
    summary: 'A task did not end in time; it may still run',
    advice: 'Follow it again, or stop it',
  },
  PROXMOX_CONSOLE_REFUSED: {
    reason: 'forbidden',
    summary: 'The terminal was closed before it opened; several versions of Proxmox refuse it to API tokens',
    advice: 'Use pct enter on the node, or the terminal of the Proxmox page',
  },
} as const satisfies Record<string, Entry>

export type ErrorCode = keyof typeof errorRegistry
