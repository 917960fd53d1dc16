/** What kind of reason an error has; each becomes one boolean of {@link PrivexecError}. */
export type Reason =
  | 'invalid'
  | 'refused'
  | 'unavailable'
  | 'failed'
  | 'killed'
  | 'timedOut'
  | 'cancelled'
  | 'outputLimited'
  | 'lost'
  | 'audit'

interface Entry {
  readonly reason: Reason
  /** Exit status of the `privexec` command; the numbers follow sysexits.h where it has one. */
  readonly exit: number
  readonly summary: string
  readonly advice: string
}

/**
 * Every error that this library can report. Documentation (`docs/reference/errors.md`) and the exit codes of the command
 * are generated from this table, and a test fails when a code is missing from either side.
 */
export const errorRegistry = {
  PRIVEXEC_USAGE: {
    reason: 'invalid',
    exit: 64,
    summary: 'The command line is not one that privexec knows',
    advice: 'See privexec --help',
  },
  PRIVEXEC_ARGUMENT_INVALID: {
    reason: 'invalid',
    exit: 65,
    summary: 'A field of the input is missing, unknown, or not of its type',
    advice: 'Correct the field that the message names; it says what is allowed',
  },
  PRIVEXEC_DEFINITION_INVALID: {
    reason: 'invalid',
    exit: 70,
    summary: 'A command definition is ambiguous or cannot be expressed as a sudoers rule',
    advice: 'Correct the definition; docs/how-to/add-a-command.md lists the rules',
  },
  PRIVEXEC_POLICY_INVALID: {
    reason: 'invalid',
    exit: 78,
    summary: 'A policy file does not say what a policy can say',
    advice: 'Correct the line and column that the message names; privexec policy check repeats the test',
  },
  PRIVEXEC_POLICY_UNREADABLE: {
    reason: 'unavailable',
    exit: 66,
    summary: 'A policy file cannot be read',
    advice: 'Check the path and the rights of the account that runs this',
  },
  PRIVEXEC_FILE_UNREADABLE: {
    reason: 'unavailable',
    exit: 66,
    summary: 'A file that the command line names does not exist or cannot be read',
    advice: 'Check the path and the rights of the account that runs this',
  },
  PRIVEXEC_ROOT_NEEDED: {
    reason: 'refused',
    exit: 77,
    summary: 'This part of the privexec command is for root',
    advice: 'Run it as root; --dry-run, where there is one, shows what it would do',
  },
  PRIVEXEC_PRINCIPAL_MISSING: {
    reason: 'unavailable',
    exit: 67,
    summary: 'The user or group that a policy is for does not exist on this machine',
    advice: 'Create the account first: a rule for a name that is free goes to whoever gets that name later',
  },
  PRIVEXEC_INSTALL_FAILED: {
    reason: 'failed',
    exit: 73,
    summary: 'A policy could not be installed, or not completely',
    advice: 'Correct what the message names and install again; what is done already stays as it is',
  },
  PRIVEXEC_NOT_GRANTED: {
    reason: 'refused',
    exit: 77,
    summary: 'The policy does not grant this command, or not to this principal',
    advice: 'Add a grant to the policy, render it and install it, if the principal should have it',
  },
  PRIVEXEC_OUT_OF_BOUNDS: {
    reason: 'refused',
    exit: 77,
    summary: 'A value is of the right type but outside the bounds of the policy',
    advice: 'Use a value inside the bounds that the message names, or widen the policy',
  },
  PRIVEXEC_GUARD_REFUSED: {
    reason: 'refused',
    exit: 77,
    summary: 'The object is not one that the policy lets the principal touch, as root sees it now',
    advice: 'Ask the administrator: the reason stands in the audit file of root, and nowhere else',
  },
  PRIVEXEC_PEER_REFUSED: {
    reason: 'refused',
    exit: 77,
    summary: 'The account that asked the root-side broker is not the principal of its policy',
    advice: 'Run this as the account that the policy names',
  },
  PRIVEXEC_PROTOCOL_INVALID: {
    reason: 'invalid',
    exit: 76,
    summary: 'What came through the socket is not what the protocol of the root-side broker says',
    advice: 'Use the same version of privexec on both sides; docs/reference/protocol.md is for other programs',
  },
  PRIVEXEC_BUSY: {
    reason: 'unavailable',
    exit: 75,
    summary: 'The policy has as many operations running and waiting as it allows, or too many were asked for lately',
    advice: 'Try again later, or raise the limits of the policy',
  },
  PRIVEXEC_DAEMON_UNAVAILABLE: {
    reason: 'unavailable',
    exit: 69,
    summary: 'The root-side broker does not answer',
    advice: 'As root: systemctl start privexecd-POLICY.socket, and privexec doctor POLICY',
  },
  PRIVEXEC_SUDO_REFUSED: {
    reason: 'refused',
    exit: 77,
    summary: 'sudo refused an argv that the policy allows',
    advice: 'The installed drop-in differs from the policy: run privexec doctor as root',
  },
  PRIVEXEC_SUDO_MISSING: {
    reason: 'unavailable',
    exit: 69,
    summary: 'sudo is not installed where it is expected, or cannot gain privileges',
    advice: 'Install sudo 1.9.10 or later; a unit with NoNewPrivileges=yes cannot use it',
  },
  PRIVEXEC_PROGRAM_MISSING: {
    reason: 'unavailable',
    exit: 69,
    summary: 'The privileged program, or the program that it should run, does not exist',
    advice: 'Install the program that the message names',
  },
  PRIVEXEC_STAGING_UNSAFE: {
    reason: 'unavailable',
    exit: 69,
    summary: 'The staging directory is missing, or somebody but root could swap what lies in it',
    advice: 'Run privexec policy install as root; privexec doctor names what is wrong',
  },
  PRIVEXEC_STREAM_FAILED: {
    reason: 'failed',
    exit: 74,
    summary: 'A stream of the caller failed: content, standard input, or a callback for output',
    advice: 'See the cause: it is the error of that stream',
  },
  PRIVEXEC_PROGRAM_FAILED: {
    reason: 'failed',
    exit: 1,
    summary: 'The program ran and reported a failure',
    advice: 'Read its standard error, which the result keeps',
  },
  PRIVEXEC_PROGRAM_KILLED: {
    reason: 'killed',
    exit: 71,
    summary: 'A signal that this library did not cause ended the program',
    advice: 'Look for the time limit of the sudoers rule, the kernel out-of-memory log, or an administrator',
  },
  PRIVEXEC_TIMED_OUT: {
    reason: 'timedOut',
    exit: 124,
    summary: 'The time limit passed and the program was ended',
    advice: 'Allow more time, within the time limit of the policy',
  },
  PRIVEXEC_CANCELLED: {
    reason: 'cancelled',
    exit: 125,
    summary: 'The caller cancelled and the program was ended',
    advice: 'Nothing to do; run it again if that was a mistake',
  },
  PRIVEXEC_CALLER_GONE: {
    reason: 'cancelled',
    exit: 125,
    summary: 'The caller of the root-side broker went away and the program was ended',
    advice: 'Run it again; the connection stays open until the outcome has arrived',
  },
  PRIVEXEC_OUTPUT_LIMIT: {
    reason: 'outputLimited',
    exit: 75,
    summary: 'The program wrote more than the limit of output bytes and was ended',
    advice: 'Raise maxOutput, or read the output through onStdout and onStderr',
  },
  PRIVEXEC_STATUS_LOST: {
    reason: 'lost',
    exit: 76,
    summary: 'It is not known how the program ended',
    advice: 'Check the state of the object before you try again: the program may have done its work',
  },
  PRIVEXEC_AUDIT_UNAVAILABLE: {
    reason: 'audit',
    exit: 74,
    summary: 'The audit record cannot be made durable, so nothing was run',
    advice: 'Free space on the file system of the audit file, or correct its owner and mode',
  },
  PRIVEXEC_AUDIT_BROKEN: {
    reason: 'audit',
    exit: 1,
    summary: 'The audit file is not an unbroken chain',
    advice: 'Keep the file as evidence, and compare it with a checkpoint that was kept elsewhere',
  },
} as const satisfies Record<string, Entry>

/** Stable name of an error: what programs compare with. */
export type ErrorCode = keyof typeof errorRegistry
