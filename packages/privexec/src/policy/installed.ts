/** Where installed policies lie; a file is named like its policy. Root's, with all directories above. */
export const policyDirectory = '/etc/privexec/policies.d'

/** The policy as people wrote it. */
export const policyYamlPath = (name: string): string => `${policyDirectory}/${name}.yaml`

/** The policy as the root-side broker reads it. */
export const policyJsonPath = (name: string): string => `${policyDirectory}/${name}.json`
