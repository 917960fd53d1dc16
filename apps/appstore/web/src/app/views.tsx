import type { ComponentChildren } from 'preact'
import { Title } from '../parts/title.tsx'
import { AppPage } from '../views/app.tsx'
import { Audit } from '../views/audit.tsx'
import { Catalog } from '../views/catalog.tsx'
import { DeclarationPage } from '../views/declaration.tsx'
import { Doctor } from '../views/doctor.tsx'
import { InstallPage } from '../views/install.tsx'
import { Installs } from '../views/installs.tsx'
import { JobPage } from '../views/job.tsx'
import { Jobs } from '../views/jobs.tsx'
import { Settings } from '../views/settings.tsx'
import { Sources } from '../views/sources.tsx'
import { StackPage, Stacks } from '../views/stacks.tsx'

type View = (id: string) => ComponentChildren

/** What is shown for `#/section` and `#/section/id`. */
const views: Readonly<Record<string, { readonly all: View; readonly one?: View }>> = {
  apps: { all: () => <Catalog />, one: id => <AppPage key={id} id={id} /> },
  installs: { all: () => <Installs />, one: id => <InstallPage key={id} id={id} /> },
  jobs: { all: () => <Jobs />, one: id => <JobPage key={id} id={id} /> },
  stacks: { all: () => <Stacks />, one: id => <StackPage key={id} id={id} /> },
  sources: { all: () => <Sources /> },
  declaration: { all: () => <DeclarationPage /> },
  audit: { all: () => <Audit /> },
  doctor: { all: () => <Doctor /> },
  settings: { all: () => <Settings /> },
}

/** The view of a place. */
export function viewOf([section = 'apps', id]: readonly string[]): ComponentChildren {
  const found = Object.hasOwn(views, section) ? views[section] : undefined
  const view = id === undefined ? found?.all : found?.one
  return view?.(id ?? '') ?? <Title>There is no such page</Title>
}
