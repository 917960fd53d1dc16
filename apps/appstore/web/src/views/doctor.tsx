import { useState } from 'preact/hooks'
import { system } from '../api/routes.ts'
import type { Finding } from '../api/types.ts'
import { tell } from '../app/notice.ts'
import { may } from '../app/session.ts'
import { Loading, useLoad } from '../parts/load.tsx'
import { Problem } from '../parts/problem.tsx'
import { Title } from '../parts/title.tsx'

/** How the daemon and the node are, and checks that are made by doing. */
export function Doctor() {
  const status = useLoad('status', system.status, 10_000)
  const [findings, setFindings] = useState<readonly Finding[]>()
  const [error, setError] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  const check = async (): Promise<void> => {
    setBusy(true)
    setError(undefined)
    await system.doctor().then(answer => {
      setFindings(answer.findings)
      tell('All was checked')
    }, setError)
    setBusy(false)
  }
  return (
    <>
      <Title>Doctor</Title>
      <Loading of={status}>
        {({ version, node, proxmox, pool, range, jobs, lab }) => (
          <dl class="facts">
            <dt>App store</dt>
            <dd>
              {version}
              {lab && ', against its lab'}
            </dd>
            <dt>Node</dt>
            <dd>
              {node}, Proxmox VE {proxmox.version}
              {!proxmox.reachable && <strong>, not reachable: {proxmox.error}</strong>}
            </dd>
            <dt>Pool</dt>
            <dd>{pool}</dd>
            <dt>Ids</dt>
            <dd>
              {range.from} to {range.to}, {range.free} free
            </dd>
            <dt>Jobs</dt>
            <dd>
              {jobs.running} running, {jobs.queued} waiting
            </dd>
          </dl>
        )}
      </Loading>
      {may('admin') && (
        <p>
          <button type="button" class="primary" disabled={isBusy} onClick={check}>
            Check everything
          </button>
        </p>
      )}
      <Problem error={error} />
      {findings && (
        <ul class="consent">
          {findings.map(({ check: name, state, text, fix }) => (
            <li key={name}>
              <span class={`badge ${state}`}>{state}</span> <strong>{name}</strong> {text}
              {fix && <p class="quiet">{fix}</p>}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
