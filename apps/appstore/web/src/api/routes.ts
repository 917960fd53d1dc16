import { type CallOptions, call } from './client.ts'
import type {
  Account,
  AppDetail,
  AppSummary,
  AuditPage,
  CatalogQuery,
  Consent,
  Declaration,
  DeclarationPlan,
  Finding,
  InstallRequest,
  InstallView,
  Job,
  JobView,
  Me,
  Places,
  Plan,
  Session,
  SourceStatus,
  StackSummary,
  Status,
  Token,
} from './types.ts'

/** `?a=b` of what is there. */
export function queryOf(values: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(values).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  )
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`
}

const get = <Answer>(path: string, signal?: AbortSignal): Promise<Answer> => call('GET', path, signal ? { signal } : {})
const post = <Answer>(path: string, body: unknown = {}, options: CallOptions = {}): Promise<Answer> =>
  call('POST', path, { ...options, body })
const part = encodeURIComponent

/** The catalog and its sources. */
export const catalog = {
  list: (query: CatalogQuery, signal?: AbortSignal) =>
    get<{ apps: AppSummary[]; total: number }>(`/catalog/apps${queryOf({ ...query })}`, signal),
  categories: () => get<{ categories: { name: string; count: number }[] }>('/catalog/categories'),
  app: (app: string, source?: string) => get<AppDetail>(`/catalog/apps/${part(app)}${queryOf({ source })}`),
  iconUrl: (app: string, source: string) => `/api/v1/catalog/apps/${part(app)}/icon${queryOf({ source })}`,
  consent: (apps: readonly { readonly app: string; readonly source?: string }[]) =>
    post<Consent>('/catalog/consent', { apps: apps.map(({ app, source }) => ({ app, source })) }),
  stacks: () => get<{ stacks: StackSummary[] }>('/catalog/stacks'),
  sources: () => get<{ sources: SourceStatus[] }>('/catalog/sources'),
  check: () => post<{ sources: SourceStatus[] }>('/catalog/check'),
  accept: (source: string, commit: string) => post<SourceStatus>(`/catalog/sources/${part(source)}/accept`, { commit }),
}

/** Installs, and what is done to them. */
export const installs = {
  list: () => get<{ installs: InstallView[] }>('/installs'),
  get: (id: string) => get<InstallView>(`/installs/${part(id)}`),
  secret: (id: string, app: string, key: string) =>
    get<{ value: string }>(`/installs/${part(id)}/secrets/${part(app)}/${part(key)}`),
  plan: (request: InstallRequest) => post<Plan>('/installs/plan', request),
  install: (request: InstallRequest, idempotencyKey: string) => post<Job>('/installs', request, { idempotencyKey }),
  act: (id: string, action: string, body: unknown = {}) => post<Job>(`/installs/${part(id)}/${action}`, body),
  adopt: (body: unknown) => post<Job>('/installs/adopt', body),
  logsUrl: (id: string) => `/api/v1/installs/${part(id)}/logs?lines=200&follow=true`,
  terminalUrl: (id: string, columns: number, rows: number) =>
    `wss://${location.host}/api/v1/installs/${part(id)}/terminal${queryOf({ columns, rows })}`,
}

/** Jobs. */
export const jobs = {
  list: (query: { readonly install?: string; readonly before?: string; readonly limit?: number }) =>
    get<{ jobs: Job[]; next?: string }>(`/jobs${queryOf(query)}`),
  get: (id: string) => get<JobView>(`/jobs/${part(id)}`),
  cancel: (id: string) => post<Job>(`/jobs/${part(id)}/cancel`),
  eventsUrl: (id: string) => `/api/v1/jobs/${part(id)}/events`,
}

/** The daemon, the node, and the declared state. */
export const system = {
  status: () => get<Status>('/status'),
  places: () => get<Places>('/places'),
  doctor: () => post<{ findings: Finding[] }>('/doctor'),
  audit: (before?: string) => get<AuditPage>(`/audit${queryOf({ before })}`),
  declaration: () => get<Declaration>('/declaration'),
  planDeclaration: (wanted: unknown) => post<DeclarationPlan>('/declaration/plan', wanted),
  applyDeclaration: (declaration: unknown, secrets: Readonly<Record<string, string>>) =>
    post<{ jobs: Job[] }>('/declaration/apply', { declaration, secrets }),
}

/** Logging in, and what belongs to accounts. */
export const access = {
  login: (account: string, password: string) => post<Me>('/login', { account, password }),
  logout: () => post<void>('/logout'),
  me: () => get<Me>('/me'),
  setPassword: (current: string, next: string) => call<void>('PUT', '/me/password', { body: { current, next } }),
  sessions: () => get<{ sessions: Session[] }>('/sessions'),
  endSession: (id: string) => call<void>('DELETE', `/sessions/${part(id)}`),
  tokens: () => get<{ tokens: Token[] }>('/tokens'),
  makeToken: (label: string, scopes: readonly string[]) => post<Token & { text: string }>('/tokens', { label, scopes }),
  removeToken: (id: string) => call<void>('DELETE', `/tokens/${part(id)}`),
  accounts: () => get<{ accounts: Account[] }>('/accounts'),
  addAccount: (name: string, role: string, password: string) => post<void>('/accounts', { name, role, password }),
  setRole: (name: string, role: string) => call<void>('PATCH', `/accounts/${part(name)}`, { body: { role } }),
  removeAccount: (name: string) => call<void>('DELETE', `/accounts/${part(name)}`),
}
