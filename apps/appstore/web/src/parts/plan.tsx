import { useEffect, useRef, useState } from 'preact/hooks'
import type { Plan } from '../api/types.ts'
import { ConsentList } from './consent.tsx'

interface Props {
  readonly plan: Plan
  readonly isBusy: boolean
  readonly onInstall: (consentHash: string) => void
}

/** All that an install would do, and the consent to it. */
export function PlanView({ plan, isBusy, onInstall }: Props) {
  const [isAgreed, setAgreed] = useState(false)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const { consent, actions, warnings } = plan
  return (
    <section class="panel" aria-labelledby="plan">
      <h2 id="plan" ref={heading} tabIndex={-1}>
        What would be done for {plan.name}
      </h2>
      {warnings.length > 0 && (
        <ul class="warnings">
          {warnings.map(text => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
      <details>
        <summary>{actions.length} calls and commands, one by one</summary>
        <ol class="actions">
          {actions.map(({ step, kind, action, parameters }, n) => (
            <li key={n}>
              <span class="badge">{kind === 'api' ? 'Proxmox API' : 'Privileged'}</span> {step}: <code>{action}</code>
              {Object.keys(parameters).length > 0 && (
                // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
                <pre tabIndex={0}>{JSON.stringify(parameters, null, 1)}</pre>
              )}
            </li>
          ))}
        </ol>
      </details>
      <h3>What it asks for</h3>
      <ConsentList consent={consent} />
      <label class="check">
        <input type="checkbox" checked={isAgreed} onChange={event => setAgreed(event.currentTarget.checked)} />I agree
        to all of it
      </label>
      <button
        type="button"
        class="primary"
        disabled={!isAgreed || isBusy || consent.refused.length > 0}
        onClick={() => onInstall(consent.hash)}
      >
        Install
      </button>
    </section>
  )
}
