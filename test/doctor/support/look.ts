import { type policies as known, look } from './install.ts'

// Prints the findings of an account that is not root: node look.ts POLICY
process.stdout.write(JSON.stringify(await look(process.argv[2] as keyof typeof known)))
