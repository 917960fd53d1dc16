/** A line of a unit, for each kind of unit that has it, and why. */
export interface Directive<Kind extends string> {
  readonly key: string
  /** The value for a kind; several make one line each. A kind without one has no such line. */
  readonly value: { readonly [kind in Kind]?: string | readonly string[] }
  /** Why it is there, and, for a kind without it, why not. */
  readonly why: string
}

/** The lines of one kind. */
export const linesOf = <Kind extends string>(directives: readonly Directive<Kind>[], kind: Kind): string[] =>
  directives.flatMap(({ key, value }) => [value[kind] ?? []].flat().map(text => `${key}=${text}`))

/** The first lines of whatever is rendered from a policy but is not a rule of sudo's. */
export const head = (policy: string): string[] => [
  `# privexec policy ${policy}`,
  '# Rendered from the policy; change that and render again.',
]
