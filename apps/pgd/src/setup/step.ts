/** A file that a command reads, in the place of its path. Written where only root may read, and removed afterwards. */
export interface Content {
  readonly name: string
  readonly text: string
}

/** One program and its arguments; no shell reads them. */
export type Argv = readonly (string | Content)[]

/** One thing that must be so on the machine. */
export interface Step {
  /** What is made so: `the group pgd`. */
  readonly title: string
  readonly why: string
  /** How, from what the machine was like when it was planned. */
  readonly commands: readonly Argv[]
  /** Asks the machine. */
  readonly isDone: () => Promise<boolean>
}

/** A step, and whether it was done when it was planned. */
export interface Planned extends Step {
  readonly wasDone: boolean
}

/** A step as it is shown. */
export interface StepView {
  readonly title: string
  readonly why: string
  readonly done: boolean
  readonly commands: readonly (readonly string[])[]
}

/** A word of an argv as it is shown. */
export const wordOf = (word: string | Content): string => (typeof word === 'string' ? word : word.name)

export const viewOf = ({ title, why, wasDone, commands }: Planned): StepView => ({
  title,
  why,
  done: wasDone,
  commands: commands.map(argv => argv.map(wordOf)),
})
