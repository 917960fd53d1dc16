/** Options that every verb has. */
export const globalOptions = {
  json: { type: 'boolean', default: false, global: true, describe: 'Answer in JSON' },
  quiet: { alias: 'q', type: 'boolean', default: false, global: true, describe: 'Say nothing of what is done' },
  yes: { alias: 'y', type: 'boolean', default: false, global: true, describe: 'Do not ask, agree' },
  input: { type: 'boolean', default: true, global: true, describe: 'Ask where something is to be decided' },
} as const
