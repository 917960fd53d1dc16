import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { Login } from '../views/login.tsx'
import { notice } from './notice.ts'
import { link, place } from './router.ts'
import { logout, me } from './session.ts'
import { type Theme, theme } from './theme.ts'
import { viewOf } from './views.tsx'

const sections = [
  ['apps', 'Catalog'],
  ['installs', 'Installed'],
  ['stacks', 'Stacks'],
  ['jobs', 'Jobs'],
  ['sources', 'Sources'],
  ['declaration', 'Declaration'],
  ['audit', 'Audit'],
  ['doctor', 'Doctor'],
  ['settings', 'Settings'],
] as const

/** The whole page: its frame, and the view of the place. */
export function Shell() {
  const { path } = place.value
  const where = path.join('/')
  const who = me.value
  // Whoever goes to another view by keyboard or by ear starts at its heading.
  useEffect(() => {
    const heading = document.querySelector('h1')
    document.title = heading?.textContent ? `${heading.textContent} · App store` : 'App store'
    if (who && where !== '') heading?.focus()
    scrollTo(0, 0)
    // On a telephone the sections are a row that scrolls.
    document.querySelector('nav [aria-current]')?.scrollIntoView({ inline: 'center', block: 'nearest' })
  }, [where, who])
  if (who === undefined) return <p class="waiting">Opening…</p>
  if (who === null) {
    return (
      <Frame>
        <Login />
      </Frame>
    )
  }
  const [section = 'apps'] = path
  return (
    <Frame
      navigation={
        <nav aria-label="Sections">
          <ul>
            {sections.map(([name, title]) => (
              <li key={name}>
                <a href={link(name)} aria-current={name === section ? 'page' : undefined}>
                  {title}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      }
    >
      {viewOf(path)}
    </Frame>
  )
}

function Frame({ navigation, children }: { navigation?: ComponentChildren; children: ComponentChildren }) {
  return (
    <>
      <button type="button" class="skip" onClick={() => document.querySelector<HTMLElement>('main')?.focus()}>
        Skip to the content
      </button>
      <header>
        <a class="brand" href={link('apps')}>
          App store
        </a>
        {navigation}
        <div class="tools">
          <label>
            <span class="hidden">Colours</span>
            <select
              value={theme.value}
              onChange={event => {
                theme.value = event.currentTarget.value as Theme
              }}
            >
              <option value="auto">Auto</option>
              <option value="light">Light</option>
              <option value="dark">Dark</option>
            </select>
          </label>
          {me.value && (
            <button type="button" onClick={() => void logout()}>
              Log out
            </button>
          )}
        </div>
      </header>
      <main tabIndex={-1}>{children}</main>
      <p class="notice" role="status" aria-live="polite">
        {notice.value}
      </p>
    </>
  )
}
