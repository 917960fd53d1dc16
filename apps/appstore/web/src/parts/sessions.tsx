import { access } from '../api/routes.ts'
import { time } from './format.ts'
import { Loading, useLoad } from './load.tsx'

/** Open sessions, which can be ended. */
export function SessionList() {
  const found = useLoad('sessions', access.sessions)
  return (
    <section class="panel" aria-label="Sessions">
      <h2>Sessions</h2>
      <Loading of={found}>
        {({ sessions }) => (
          <ul class="entries">
            {sessions.map(({ id, account, client, usedAt }) => (
              <li key={id}>
                <span>
                  {account}, used {time(usedAt)} <span class="quiet">{client}</span>
                </span>
                <button
                  type="button"
                  aria-label={`End the session of ${account}, used ${time(usedAt)}`}
                  onClick={() => access.endSession(id).finally(found.reload)}
                >
                  End
                </button>
              </li>
            ))}
          </ul>
        )}
      </Loading>
    </section>
  )
}
