/** What a server told its clients, not why it ended: that it starts, recovers, shuts down, or ended their connections. */
const told = /: {2}(?:the database system is |terminating |connection to client lost)/

/** Why a server ended, out of what it wrote: the last line that PostgreSQL calls fatal; undefined where there is none. */
export const fatalIn = (log: string): string | undefined =>
  log
    .split('\n')
    .map(line => /\b(?:FATAL|PANIC): {2}.*/.exec(line)?.[0])
    .findLast(words => words !== undefined && !told.test(words))

/** Whether the words of a program say that no space was left, or a quota was used up (errno ENOSPC and EDQUOT). */
export const saysNoSpace = (words: string): boolean => /No space left on device|Disk quota exceeded/.test(words)
