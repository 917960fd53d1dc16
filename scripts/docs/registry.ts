/** What both registries of error codes say of a code. */
type Registry = Readonly<
  Record<string, { readonly reason: string; readonly exit: number; readonly summary: string; readonly advice: string }>
>

/** Table of the codes of a registry, with the exit statuses of a command. */
export const codesTable = (registry: Registry, command: string): string[] => [
  `| code | reason | exit status of \`${command}\` | meaning |`,
  '| --- | --- | --- | --- |',
  ...Object.entries(registry).map(
    ([code, { reason, exit, summary }]) => `| \`${code}\` | \`is${title(reason)}\` | ${exit} | ${summary} |`,
  ),
]

/** What to do about each code. */
export const adviceList = (registry: Readonly<Record<string, { readonly advice: string }>>): string[] =>
  Object.entries(registry).map(([code, { advice }]) => `- \`${code}\`: ${advice}.`)

/** Which codes each exit status stands for, by number. */
export const statusList = (registry: Registry): string[] =>
  [...Map.groupBy(Object.entries(registry), ([, entry]) => entry.exit)]
    .sort(([a], [b]) => a - b)
    .map(([exit, entries]) => `- ${exit}: ${entries.map(([code]) => `\`${code}\``).join(', ')}.`)

const title = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)
