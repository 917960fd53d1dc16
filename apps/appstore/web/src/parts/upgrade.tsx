import { useState } from 'preact/hooks'
import { catalog } from '../api/routes.ts'
import { act, type DialogProps } from './actions.tsx'
import { ConsentList } from './consent.tsx'
import { Dialog } from './dialog.tsx'
import { Loading, useLoad } from './load.tsx'

/** Brings the apps to the catalog's versions; what they ask for is agreed to again. */
export function UpgradeDialog({ install, onClose }: DialogProps) {
  const [safety, setSafety] = useState('auto')
  const consent = useLoad(install.id, () => catalog.consent(install.apps))
  const hash = consent.value?.hash
  return (
    <Dialog
      title={`Upgrade ${install.name}`}
      action={hash === install.consent ? 'Upgrade' : 'Agree and upgrade'}
      onClose={onClose}
      onSubmit={() => act(install, 'upgrade', { safety, consent: hash })}
    >
      <ul>
        {install.upgrades.map(({ app, from, to, consentChanged }) => (
          <li key={app}>
            {app}: {from} becomes {to}
            {consentChanged && <strong>, and asks for something else than before</strong>}
          </li>
        ))}
      </ul>
      <Loading of={consent}>{found => <ConsentList consent={found} />}</Loading>
      <label class="field">
        The way back
        <select value={safety} onChange={event => setSafety(event.currentTarget.value)}>
          <option value="auto">A snapshot where the storage can, else a backup</option>
          <option value="snapshot">A snapshot</option>
          <option value="backup">A backup</option>
        </select>
      </label>
    </Dialog>
  )
}
