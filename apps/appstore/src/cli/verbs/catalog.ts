import type { AppDetail, AppSummary, SourceStatus } from '../../contract.ts'
import { confirm } from '../ask.ts'
import { list, shown, table } from '../output.ts'
import { verb, verbGroup } from '../verb.ts'

const appTable = (apps: readonly AppSummary[]): string =>
  table(
    ['APP', 'VERSION', 'SOURCE', 'INSTALLED', 'DESCRIPTION'],
    apps.map(({ id, version, source, installed, description }) => [
      id,
      shown(version),
      source,
      String(installed),
      shown(description, 70),
    ]),
  )

const appText = (app: AppDetail): string =>
  [
    list([
      ['App', app.id],
      ['Name', shown(app.name)],
      ['Version', shown(app.version)],
      ['Source', app.source],
      ['Template', shown(app.template)],
      ['Needs', `${app.resources.cores} cores, ${app.resources.memory} MiB, ${app.resources.disk} GiB`],
      ['About', shown(app.description, 500)],
    ]),
    ...app.inputs.map(
      ({ key, label, type, required }) => `  --input ${key}=…  ${type}${required ? ', required' : ''}: ${shown(label)}`,
    ),
    ...app.consent.items.map(
      ({ severity, text, values }) => `  [${severity}] ${shown(text)}: ${shown(values.join(', '), 300)}`,
    ),
    ...app.consent.refused.map(text => `  [refused] ${shown(text, 400)}`),
  ].join('\n')

const sourceText = (sources: readonly SourceStatus[]): string =>
  table(
    ['SOURCE', 'APPS', 'PROBLEMS', 'COMMIT', 'OFFERED', 'ADDRESS'],
    sources.map(({ name, apps, problems, commit, offered, url, error }) => [
      name,
      String(apps),
      error === undefined ? String(problems.length) : 'unreachable',
      commit?.slice(0, 12) ?? '-',
      offered === undefined
        ? '-'
        : `${offered.commit.slice(0, 12)} (+${offered.added.length} -${offered.removed.length} ~${offered.changed.length})`,
      shown(url),
    ]),
  )

/** `catalog`: apps and their sources. */
export const catalog = verbGroup('catalog', 'Look at apps and their sources', [
  verb<{ text?: string; category?: string }>({
    command: 'list [text]',
    describe: 'List apps, or find some',
    builder: yargs =>
      yargs.positional('text', { type: 'string' }).option('category', { type: 'string', requiresArg: true }) as never,
    run: async ({ text, category }, client) => {
      const query = new URLSearchParams({ limit: '200', ...(text && { text }), ...(category && { category }) })
      const found = await client().get<{ apps: AppSummary[]; total: number }>(`/catalog/apps?${query}`)
      return { data: found, text: appTable(found.apps) }
    },
  }) as never,
  verb<{ app: string }>({
    command: 'show <app>',
    describe: 'Show an app, its inputs and what it asks for',
    builder: yargs => yargs.positional('app', { type: 'string', demandOption: true }) as never,
    run: async ({ app }, client) => {
      const found = await client().get<AppDetail>(`/catalog/apps/${encodeURIComponent(app)}`)
      return { data: { app: found }, text: appText(found) }
    },
  }) as never,
  verb({
    command: 'sources',
    describe: 'List sources, and what they offer',
    run: async (_, client) => {
      const found = await client().get<{ sources: SourceStatus[] }>('/catalog/sources')
      return { data: found, text: sourceText(found.sources) }
    },
  }) as never,
  verb<{ source?: string }>({
    command: 'check [source]',
    describe: 'Fetch what is new, without using it',
    builder: yargs => yargs.positional('source', { type: 'string' }) as never,
    run: async ({ source }, client) => {
      const body = source === undefined ? {} : { source }
      const found = await client().send<{ sources: SourceStatus[] }>('POST', '/catalog/check', body)
      return { data: found, text: sourceText(found.sources) }
    },
  }) as never,
  verb<{ source: string; commit: string }>({
    command: 'accept <source> <commit>',
    describe: 'Use the commit that a source offers',
    builder: yargs =>
      yargs
        .positional('source', { type: 'string', demandOption: true })
        .positional('commit', { type: 'string', demandOption: true }) as never,
    run: async ({ source, commit, ...args }, client) => {
      await confirm(args, `Use commit ${shown(commit)} of ${shown(source)}?`)
      const found = await client().send<SourceStatus>('POST', `/catalog/sources/${encodeURIComponent(source)}/accept`, {
        commit,
      })
      return { data: { source: found }, text: sourceText([found]) }
    },
  }) as never,
])
