import type { InstallView } from '../api/types.ts'
import { bytes, duration } from './format.ts'

const states: Readonly<Record<InstallView['live']['state'], string>> = {
  running: 'Running',
  stopped: 'Stopped',
  missing: 'Guest is gone',
  foreign: 'Guest is another’s',
  unknown: 'Unknown',
}

/** How the guest is now. */
export function LiveState({ install }: { install: InstallView }) {
  const { status, live } = install
  const isActive = status === 'active'
  const text = isActive
    ? states[live.state]
    : { installing: 'Installing', failed: 'Failed', kept: 'Volumes kept' }[status]
  return <span class={`badge live-${isActive ? live.state : status}`}>{text}</span>
}

/** What the guest uses, as bars. */
export function Usage({ live }: { live: InstallView['live'] }) {
  if (live.state !== 'running') return null
  return (
    <dl class="usage">
      {live.cpu !== undefined && <Bar name="CPU" share={live.cpu} text={`${Math.round(live.cpu * 100)} %`} />}
      {live.memory !== undefined && live.memoryLimit !== undefined && (
        <Bar
          name="Memory"
          share={live.memory / live.memoryLimit}
          text={`${bytes(live.memory)} of ${bytes(live.memoryLimit)}`}
        />
      )}
      {live.disk !== undefined && live.diskLimit !== undefined && (
        <Bar name="Disk" share={live.disk / live.diskLimit} text={`${bytes(live.disk)} of ${bytes(live.diskLimit)}`} />
      )}
      {live.uptime !== undefined && (
        <>
          <dt>Up for</dt>
          <dd>{duration(live.uptime)}</dd>
        </>
      )}
    </dl>
  )
}

function Bar({ name, share, text }: { name: string; share: number; text: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <meter min={0} max={1} high={0.9} value={Math.min(share || 0, 1)} aria-label={name}>
          {text}
        </meter>{' '}
        {text}
      </dd>
    </>
  )
}
