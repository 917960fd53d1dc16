import type { Consent } from '../api/types.ts'

const severities = { info: 'Information', notice: 'Notice', danger: 'Danger' } as const

/** What apps ask for, the gravest first, and what Proxmox refuses. */
export function ConsentList({ consent }: { consent: Consent }) {
  const order = Object.keys(severities)
  const items = consent.items.toSorted((a, b) => order.indexOf(b.severity) - order.indexOf(a.severity))
  return (
    <>
      {items.length === 0 && <p>Nothing beyond a container of its own.</p>}
      <ul class="consent">
        {items.map(({ severity, kind, text, values }) => (
          <li key={`${kind} ${text}`} class={severity}>
            <span class="badge">{severities[severity]}</span> {text}
            {values.length > 0 && (
              <span class="values">
                {values.map(value => (
                  <code key={value}>{value}</code>
                ))}
              </span>
            )}
          </li>
        ))}
      </ul>
      {consent.refused.length > 0 && (
        <div class="problem">
          <p>
            <strong>It cannot be installed: only root@pam may give it</strong>
          </p>
          <ul>
            {consent.refused.map(text => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </div>
      )}
    </>
  )
}
