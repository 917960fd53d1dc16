import type { LxcLine } from './lxc-line.ts'

/** A value of an input that is no secret. */
export type InputValue = string | number | boolean

export type InputType = 'string' | 'number' | 'boolean' | 'secret' | 'select'
export type InputFormat = 'ipv4' | 'cidr' | 'url' | 'email' | 'hostname'

/** A question to whoever installs the app. */
export interface Input {
  readonly key: string
  readonly label: string
  readonly type: InputType
  /** Of the input's type; a secret may have one too. */
  readonly default?: InputValue
  readonly required: boolean
  /** Whether it can be changed later. */
  readonly reconfigurable: boolean
  readonly help: string
  readonly description: string
  readonly group: string
  /** Searched in the value, not matched against the whole of it. */
  readonly regex?: string
  readonly format?: InputFormat
  readonly min?: number
  readonly max?: number
  /** In characters. */
  readonly minLength?: number
  readonly maxLength?: number
  /** What may be chosen; those of `enum_dir` are read already. */
  readonly options?: readonly InputValue[]
  /** It is asked for only while another input has one of these values, compared as texts. */
  readonly showWhen?: { readonly input: string; readonly values: readonly string[] }
}

/** Storage of an app that outlives its guest's root file system, or a folder of the host. */
export interface VolumeSpec {
  readonly name: string
  readonly type: 'volume' | 'bind'
  /** Where it is in the guest. */
  readonly path: string
  /** GiB; 0 for a folder of the host. */
  readonly size: number
  readonly label: string
  readonly description: string
  /** Folder of the host that the app suggests. */
  readonly defaultHostPath?: string
  readonly required: boolean
  readonly readOnly: boolean
  readonly sharedHostPath: boolean
}

/** What a script may do in its guest, by kind; entries may have wildcards. */
export interface Permissions {
  readonly packages: readonly string[]
  readonly pip: readonly string[]
  readonly urls: readonly string[]
  readonly paths: readonly string[]
  readonly services: readonly string[]
  readonly users: readonly string[]
  readonly commands: readonly string[]
  readonly installerScripts: readonly string[]
  readonly aptRepos: readonly string[]
}

/** What an app tells after its install: `{{ip}}` and `{{KEY}}` of an input are filled in. */
export interface OutputSpec {
  readonly key: string
  readonly label: string
  readonly value: string
  /** Whether it shows a secret input. */
  readonly secret: boolean
}

/** Features that a guest can have in Proxmox, as manifests name them. */
export type Feature = 'nesting' | 'keyctl' | 'fuse' | 'mknod' | 'force_rw_sys'

/** How the guest of an app is made. Memory in MiB, disk in GiB. */
export interface GuestSpec {
  /** Short name of a system, or a volume. */
  readonly template: string
  readonly unprivileged: boolean
  readonly cores: number
  readonly memory: number
  readonly disk: number
  readonly features: readonly Feature[]
  readonly onboot: boolean
  readonly requireStaticIp: boolean
  readonly extraConfig: readonly LxcLine[]
}

/** An app of the catalog, as its `app.yml` says. */
export interface Manifest {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly overview: string
  readonly version: string
  readonly categories: readonly string[]
  readonly tags: readonly string[]
  readonly homepage: string
  readonly license: string
  /** Address of an icon, where the app has no file. */
  readonly icon: string
  /** What the author claims; only the source of a catalog can vouch for it. */
  readonly official: boolean
  readonly featured: boolean
  readonly maintainers: readonly string[]
  readonly guest: GuestSpec
  readonly inputs: readonly Input[]
  readonly provisioning: {
    /** Name of the script in the folder `provision`. */
    readonly script: string
    /** May have `{{KEY}}` of inputs. */
    readonly env: Readonly<Record<string, string>>
    /** Seconds. */
    readonly timeout?: number
    /** Keys of inputs and names of variables whose values are not shown. */
    readonly redact: readonly string[]
  }
  readonly permissions: Permissions
  readonly outputs: readonly OutputSpec[]
  readonly gpu: {
    readonly supported: readonly string[]
    readonly required: boolean
    readonly profiles: readonly string[]
    readonly notes: string
  }
  readonly volumes: readonly VolumeSpec[]
}
