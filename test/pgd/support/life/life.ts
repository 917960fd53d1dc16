import { branches } from './branches.ts'
import { crowd } from './crowd.ts'
import { ends } from './ends.ts'
import { times } from './times.ts'
import type { Chapter } from './world.ts'

/** The life of a project, from its first branch to its end, by the command; the same wherever databases lie. */
export const chapters: readonly Chapter[] = [...branches, ...times, ...crowd, ...ends]
