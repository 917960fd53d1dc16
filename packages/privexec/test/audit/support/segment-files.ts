import { fullSegments } from '../../../src/audit/segments.ts'

/** All files of a chain that has begun, in their order. */
export const segmentFiles = (file: string): string[] => [...fullSegments(file), file]
