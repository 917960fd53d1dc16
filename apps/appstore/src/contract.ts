import type { Problem } from './errors/error.ts'
import type { InstallId, JobId } from './model/id.ts'
import type { Install } from './model/install.ts'
import type { Job, JobEvent, JobKind, StepRecord } from './model/job.ts'
import type {
  AdoptRequest,
  Declaration,
  InstallRequest,
  ReconfigureRequest,
  ResizeRequest,
  UninstallRequest,
  UpgradeRequest,
} from './requests/requests.ts'

/**
 * What the store can do, for its doors: the API, the page behind it, and the command line. Everything rejects with
 * `AppstoreError`. `principal` is who asks, as the audit names them.
 */
export interface Appstore {
  readonly catalog: CatalogDoor
  readonly installs: InstallDoor
  readonly jobs: JobDoor
  /** What the daemon knows of itself and the node. */
  status(): Promise<Status>
  /** Checks by doing; see doctor/. */
  doctor(signal?: AbortSignal): Promise<readonly Finding[]>
  /** Storages, bridges and templates that an install may name. */
  places(): Promise<Places>
  /** Records of the privileged commands, newest first, and whether the chain of the file is whole. */
  audit(query: { readonly before?: string; readonly limit?: number }): Promise<AuditPage>
}

export interface Who {
  readonly principal: string
  readonly idempotencyKey?: string
}

export interface CatalogDoor {
  /** The same object for the same query, until apps or installs change. */
  list(query: CatalogQuery): { readonly apps: readonly AppSummary[]; readonly total: number }
  categories(): readonly { readonly name: string; readonly count: number }[]
  /** @throws `APPSTORE_NOT_FOUND` */
  get(app: string, source?: string): AppDetail
  /** What several apps ask for together. @throws `APPSTORE_NOT_FOUND` */
  consent(apps: readonly { readonly app: string; readonly source?: string | undefined }[]): Consent
  /** The icon as bytes and media type, or undefined. */
  icon(app: string, source?: string): Promise<{ readonly bytes: Uint8Array; readonly type: string } | undefined>
  sources(): readonly SourceStatus[]
  /** Fetches what is new, without using it; says what would change. */
  check(source?: string, signal?: AbortSignal): Promise<readonly SourceStatus[]>
  /** Uses the commit that `check` found. */
  accept(source: string, commit: string): Promise<SourceStatus>
  /** Stacks that the catalog offers: several apps for one guest. */
  stacks(): readonly StackSummary[]
}

export interface CatalogQuery {
  readonly text?: string
  readonly category?: string
  readonly sort?: 'relevance' | 'name' | 'newest'
  readonly offset?: number
  /** 1 to 200. */
  readonly limit?: number
}

export interface AppSummary {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly version: string
  readonly source: string
  readonly categories: readonly string[]
  readonly tags: readonly string[]
  readonly hasIcon: boolean
  /** How many installs have it. */
  readonly installed: number
}

export interface AppDetail extends AppSummary {
  readonly overview: string
  readonly homepage?: string
  readonly license?: string
  readonly maintainers: readonly string[]
  /** Markdown, as its author wrote it: make it safe before it is shown. */
  readonly readme?: string
  readonly template: string
  readonly resources: { readonly cores: number; readonly memory: number; readonly disk: number }
  readonly unprivileged: boolean
  readonly needsStaticAddress: boolean
  /** The form: one entry for each input, in order. */
  readonly inputs: readonly InputField[]
  readonly volumes: readonly {
    readonly name: string
    readonly label: string
    readonly path: string
    readonly size: number
    readonly kind: 'volume' | 'bind'
    readonly required: boolean
  }[]
  readonly consent: Consent
  readonly commit: string
}

export interface InputField {
  readonly key: string
  readonly label: string
  readonly type: 'string' | 'number' | 'boolean' | 'secret' | 'select'
  readonly default?: string | number | boolean
  readonly required: boolean
  readonly reconfigurable: boolean
  readonly help?: string
  readonly description?: string
  readonly group?: string
  readonly options?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly format?: 'ipv4' | 'cidr' | 'url' | 'email' | 'hostname'
  readonly showWhen?: { readonly input: string; readonly values: readonly string[] }
}

/** What an app asks for. `hash` is what an install agrees to. */
export interface Consent {
  readonly hash: string
  readonly items: readonly {
    readonly severity: 'info' | 'notice' | 'danger'
    readonly kind: string
    /** In words. */
    readonly text: string
    readonly values: readonly string[]
  }[]
  /** What Proxmox keeps for root@pam and is refused therefore; the app cannot be installed when there is any. */
  readonly refused: readonly string[]
}

export interface SourceStatus {
  readonly name: string
  readonly url: string
  readonly priority: number
  readonly commit?: string
  readonly checkedAt?: number
  readonly apps: number
  readonly problems: readonly Problem[]
  /** A newer commit that was fetched and is not in use. */
  readonly offered?: {
    readonly commit: string
    readonly added: readonly string[]
    readonly removed: readonly string[]
    readonly changed: readonly {
      readonly app: string
      readonly from: string
      readonly to: string
      readonly consentChanged: boolean
    }[]
  }
  readonly error?: string
}

export interface StackSummary {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly source: string
  /** In the order of their installation. */
  readonly apps: readonly string[]
  /** What the stack says for inputs of its apps, by app. */
  readonly inputs: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>>
  /** Left out: the apps decide. */
  readonly template?: string
  /** MiB and GiB; what is left out is as the apps say. */
  readonly resources: { readonly cores?: number; readonly memory?: number; readonly disk?: number }
}

/** An install as it is shown: with what Proxmox says of its guest now. */
export interface InstallView extends Install {
  readonly live: {
    readonly state: 'running' | 'stopped' | 'missing' | 'foreign' | 'unknown'
    readonly addresses: readonly string[]
    /** Seconds. */
    readonly uptime?: number
    /** Share of the cores in use, 0 to 1. */
    readonly cpu?: number
    /** Bytes. */
    readonly memory?: number
    readonly memoryLimit?: number
    readonly disk?: number
    readonly diskLimit?: number
  }
  /** Apps of which the catalog has another version. */
  readonly upgrades: readonly {
    readonly app: string
    readonly from: string
    readonly to: string
    readonly consentChanged: boolean
  }[]
  readonly job?: JobId
  /** Names of secret inputs and outputs; their values are asked for one by one. */
  readonly secrets: readonly string[]
}

export interface InstallDoor {
  list(): Promise<readonly InstallView[]>
  /** By id or name. @throws `APPSTORE_NOT_FOUND` */
  get(id: string): Promise<InstallView>
  /** Value of a secret input or output, `app/key`. */
  secret(id: string, key: string, who: Who): Promise<string>
  /** Everything that an install would do, before anything is done. */
  plan(request: InstallRequest): Promise<Plan>
  install(request: InstallRequest, who: Who): Promise<Job>
  start(id: string, who: Who): Promise<Job>
  stop(id: string, who: Who): Promise<Job>
  restart(id: string, who: Who): Promise<Job>
  reconfigure(id: string, request: ReconfigureRequest, who: Who): Promise<Job>
  resize(id: string, request: ResizeRequest, who: Who): Promise<Job>
  upgrade(id: string, request: UpgradeRequest, who: Who): Promise<Job>
  uninstall(id: string, request: UninstallRequest, who: Who): Promise<Job>
  reinstall(id: string, who: Who): Promise<Job>
  adopt(request: AdoptRequest, who: Who): Promise<Job>
  backup(id: string, storage: string | undefined, who: Who): Promise<Job>
  /** Lines of the guest's journal, following on when asked to. */
  logs(
    id: string,
    options: { readonly lines: number; readonly follow: boolean; readonly signal?: AbortSignal },
  ): AsyncIterable<string>
  /** A shell in the guest. */
  terminal(id: string, options: TerminalOptions, who: Who): Promise<Terminal>
  export(): Declaration
  planDeclaration(wanted: Declaration): Promise<DeclarationPlan>
  /** `secrets` are inputs by `install/app/key`. */
  applyDeclaration(wanted: Declaration, secrets: Readonly<Record<string, string>>, who: Who): Promise<readonly Job[]>
}

/** What a terminal is opened with. */
export interface TerminalOptions {
  readonly columns: number
  readonly rows: number
  readonly onData: (bytes: Buffer) => void
  /** Called once, when the terminal has ended. */
  readonly onClose: () => void
}

/** A shell in a guest. */
export interface Terminal {
  write(text: string): void
  resize(columns: number, rows: number): void
  close(): void
}

/** One thing that would be done. */
export interface PlannedAction {
  readonly step: string
  readonly kind: 'api' | 'privileged'
  /** `POST /nodes/lab/lxc`, or `pct.exec`. */
  readonly action: string
  /** Parameters; secrets are `***`. */
  readonly parameters: Readonly<Record<string, unknown>>
}

export interface Plan {
  readonly name: string
  readonly apps: readonly { readonly app: string; readonly version: string }[]
  readonly consent: Consent
  readonly actions: readonly PlannedAction[]
  readonly warnings: readonly string[]
}

export interface DeclarationPlan {
  readonly changes: readonly {
    readonly name: string
    readonly change: 'install' | 'reconfigure' | 'same' | 'unmanaged'
    readonly details: readonly string[]
  }[]
  /** Secrets that new installs need, `install/app/key`. */
  readonly secretsNeeded: readonly string[]
}

export interface JobView extends Job {
  readonly steps: readonly (StepRecord & { readonly title: string })[]
}

export interface JobDoor {
  list(query: {
    readonly install?: InstallId
    readonly before?: JobId
    readonly limit?: number
    readonly kinds?: readonly JobKind[]
  }): readonly Job[]
  get(id: string): JobView
  cancel(id: string, who: Who): Job
  events(id: string, after: number, limit: number): readonly JobEvent[]
  /** See EventLog.follow. */
  follow(id: string, after: number, follower: (event: JobEvent, json: string) => void): () => void
  /** Resolves with the job when it has ended. */
  finished(id: string, signal?: AbortSignal): Promise<Job>
}

export interface Status {
  readonly version: string
  readonly node: string
  readonly proxmox: { readonly version: string; readonly reachable: boolean; readonly error?: string }
  readonly pool: string
  readonly range: { readonly from: number; readonly to: number; readonly free: number }
  readonly jobs: { readonly running: number; readonly queued: number }
  readonly lab: boolean
}

export interface Finding {
  readonly check: string
  readonly state: 'ok' | 'warning' | 'failed' | 'skipped'
  readonly text: string
  readonly fix?: string
}

export interface Places {
  readonly storages: readonly {
    readonly name: string
    readonly type: string
    readonly free: number
    readonly total: number
  }[]
  readonly bridges: readonly { readonly name: string; readonly vlanAware: boolean }[]
  readonly templates: readonly string[]
}

export interface AuditPage {
  readonly records: readonly {
    readonly id: string
    readonly at: string
    readonly command: string
    readonly phase: 'intent' | 'outcome'
    readonly outcome?: string
    readonly text: string
  }[]
  readonly verification: { readonly state: 'whole' | 'broken' | 'unavailable'; readonly text: string }
  readonly next?: string
}
