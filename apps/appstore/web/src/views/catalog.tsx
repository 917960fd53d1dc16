import { useEffect, useState } from 'preact/hooks'
import { catalog } from '../api/routes.ts'
import type { AppSummary, CatalogQuery } from '../api/types.ts'
import { link } from '../app/router.ts'
import { AppIcon } from '../parts/icon.tsx'
import { Loading, useLoad } from '../parts/load.tsx'
import { Title } from '../parts/title.tsx'

const pageSize = 48
/** Milliseconds without a key before it is searched. */
const pause = 150

/** All apps: searched, by category, sorted. */
export function Catalog() {
  const [text, setText] = useState('')
  const [searched, setSearched] = useState('')
  const [category, setCategory] = useState('')
  const [sort, setSort] = useState<NonNullable<CatalogQuery['sort']>>('relevance')
  const [limit, setLimit] = useState(pageSize)
  useEffect(() => {
    const timer = setTimeout(() => setSearched(text.trim()), pause)
    return () => clearTimeout(timer)
  }, [text])
  const query = { text: searched, category, sort, limit: Math.min(limit, 200) }
  const found = useLoad(JSON.stringify(query), () => catalog.list(query))
  const categories = useLoad('', catalog.categories)
  return (
    <>
      <Title>Catalog</Title>
      <search class="filters">
        <label class="field">
          Search
          <input type="search" value={text} onInput={event => setText(event.currentTarget.value)} />
        </label>
        <label class="field">
          Category
          <select value={category} onChange={event => setCategory(event.currentTarget.value)}>
            <option value="">All</option>
            {categories.value?.categories.map(({ name, count }) => (
              <option key={name} value={name}>
                {name} ({count})
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          Order
          <select value={sort} onChange={event => setSort(event.currentTarget.value as typeof sort)}>
            <option value="relevance">What fits best</option>
            <option value="name">Name</option>
            <option value="newest">Newest</option>
          </select>
        </label>
      </search>
      <Loading of={found}>
        {({ apps, total }) => (
          <>
            <p role="status">
              {total} {total === 1 ? 'app' : 'apps'}
            </p>
            <ul class="cards">
              {apps.map(app => (
                <Card key={`${app.source} ${app.id}`} app={app} />
              ))}
            </ul>
            {apps.length < total && limit < 200 && (
              <button type="button" onClick={() => setLimit(limit + pageSize)}>
                Show more
              </button>
            )}
          </>
        )}
      </Loading>
    </>
  )
}

function Card({ app }: { app: AppSummary }) {
  return (
    <li class="panel card">
      <AppIcon app={app} />
      <div>
        <h2>
          <a href={link('apps', app.id)}>{app.name}</a>
        </h2>
        <p>{app.description}</p>
        <p class="quiet">
          {app.version} · {app.categories.join(', ')}
          {app.installed > 0 && ` · installed ${app.installed === 1 ? 'once' : `${app.installed} times`}`}
        </p>
      </div>
    </li>
  )
}
