import type { AppDetail, AppSummary, SourceStatus, StackSummary } from '../../contract.ts'
import { confirm } from '../ask.ts'
import { cut, list, shown, table } from '../output.ts'
import { verb, verbGroup } from '../verb.ts'

const appTable = (apps: readonly AppSummary[]): string =>
  table(
    ['APP', 'VERSION', 'SOURCE', 'INSTALLED', 'DESCRIPTION'],
    apps.map(({ id, version, source, installed, description }) => [
      id,
      shown(version),
      source,
      String(installed),
      cut(description, 70),
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
      ({ key, label, type, required }) => `  --set ${key}=…  ${type}${required ? ', required' : ''}: ${shown(label)}`,
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

/** What a source offers, app by app. */
const offerText = (sources: readonly SourceStatus[]): readonly string[] =>
  sources.flatMap(({ name, offered, error, problems }) => [
    ...(error === undefined ? [] : [`${name}: ${shown(error, 300)}`]),
    ...problems.map(({ file, line, field, message }) =>
      [`${name}: ${shown(file ?? '')}:${line ?? ''}`, shown(field ?? ''), shown(message, 300)].join(' '),
    ),
    ...(offered?.added.map(app => `${name}: new: ${app}`) ?? []),
    ...(offered?.removed.map(app => `${name}: removed: ${app}`) ?? []),
    ...(offered?.changed.map(
      ({ app, from, to, consentChanged }) =>
        `${name}: ${app}: ${shown(from)} becomes ${shown(to)}${consentChanged ? ', and asks for something else' : ''}`,
    ) ?? []),
    ...(offered === undefined ? [] : [`${name}: to use it: appstore catalog accept ${name} ${offered.commit}`]),
  ])

/** `catalog`: apps and their sources. */
export const catalog = verbGroup('catalog', 'Look at apps, stacks and their sources', [
  verb<{ text?: string; category?: string; sort: string }>({
    command: 'list [text]',
    describe: 'List apps, or find some',
    builder: yargs =>
      yargs
        .positional('text', { type: 'string' })
        .option('category', { type: 'string', requiresArg: true })
        .option('sort', { choices: ['relevance', 'name', 'newest'], default: 'relevance' }) as never,
    run: async ({ text, category, sort }, openApi) => {
      const client = openApi()
      const apps: AppSummary[] = []
      for (;;) {
        const query = {
          limit: '200',
          offset: String(apps.length),
          sort,
          ...(text && { text }),
          ...(category && { category }),
        }
        const found = await client.get<{ apps: AppSummary[]; total: number }>(
          `/catalog/apps?${new URLSearchParams(query)}`,
        )
        apps.push(...found.apps)
        if (found.apps.length === 0 || apps.length >= found.total)
          return { data: { apps, total: found.total }, text: appTable(apps) }
      }
    },
  }) as never,
  verb<{ app: string; source?: string; readme: boolean }>({
    command: 'show <app>',
    describe: 'Show an app, its inputs and what it asks for',
    builder: yargs =>
      yargs
        .positional('app', { type: 'string', demandOption: true })
        .option('source', { type: 'string', requiresArg: true, describe: 'Where several have it' })
        .option('readme', { type: 'boolean', default: false, describe: 'The text of its author instead' }) as never,
    run: async ({ app, source, readme }, client) => {
      const query = source === undefined ? '' : `?${new URLSearchParams({ source })}`
      const found = await client().get<AppDetail>(`/catalog/apps/${encodeURIComponent(app)}${query}`)
      // No control character of a stranger reaches the terminal.
      const words = (found.readme ?? found.overview).replace(/[^\P{C}\n\t]/gu, '\ufffd')
      return { data: { app: found }, text: readme ? words : appText(found) }
    },
  }) as never,
  verb({
    command: 'categories',
    describe: 'List categories',
    run: async (_, client) => {
      const found = await client().get<{ categories: { name: string; count: number }[] }>('/catalog/categories')
      const rows = found.categories.map(({ name, count }) => [shown(name), String(count)])
      return { data: found, text: table(['CATEGORY', 'APPS'], rows) }
    },
  }) as never,
  verb({
    command: 'stacks',
    describe: 'List stacks: several apps for one guest',
    run: async (_, client) => {
      const found = await client().get<{ stacks: StackSummary[] }>('/catalog/stacks')
      const rows = found.stacks.map(({ id, source, apps, description }) => [
        ...[id, source, apps.join(', '), cut(description, 70)],
      ])
      return { data: found, text: table(['STACK', 'SOURCE', 'APPS', 'DESCRIPTION'], rows) }
    },
  }) as never,
  verb({
    command: 'sources',
    describe: 'List sources, and what they offer',
    run: async (_, client) => {
      const found = await client().get<{ sources: SourceStatus[] }>('/catalog/sources')
      return { data: found, text: [sourceText(found.sources), ...offerText(found.sources)].join('\n') }
    },
  }) as never,
  verb<{ source?: string }>({
    command: 'check [source]',
    describe: 'Fetch what is new, without using it',
    builder: yargs => yargs.positional('source', { type: 'string' }) as never,
    run: async ({ source }, client) => {
      const body = source === undefined ? {} : { source }
      const found = await client().send<{ sources: SourceStatus[] }>('POST', '/catalog/check', body)
      return { data: found, text: [sourceText(found.sources), ...offerText(found.sources)].join('\n') }
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
