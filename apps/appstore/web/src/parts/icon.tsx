import { catalog } from '../api/routes.ts'
import type { AppSummary } from '../api/types.ts'

/** Picture of an app, or its first letter. It says nothing that the name beside it does not. */
export function AppIcon({ app }: { app: AppSummary }) {
  return app.hasIcon ? (
    <img class="icon" src={catalog.iconUrl(app.id, app.source)} alt="" width="48" height="48" loading="lazy" />
  ) : (
    <span class="icon" aria-hidden="true">
      {app.name.slice(0, 1)}
    </span>
  )
}
