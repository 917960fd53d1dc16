/** One thing that must be so on the machine, and how to make it so. */
export interface Step {
  readonly path: string
  readonly state: 'unchanged' | 'create' | 'change' | 'remove' | 'keep'
  /** What will be there, or why it is kept: `0440 root:root, rules of sudo`. */
  readonly what: string
  /** Lines of a changed file, with `-` and `+`. */
  readonly lines?: readonly string[]
  /** Does it. Absent where there is nothing to do. */
  readonly apply?: () => Promise<void>
}
