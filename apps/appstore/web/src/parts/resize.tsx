import { useState } from 'preact/hooks'
import { act, type DialogProps } from './actions.tsx'
import { Dialog } from './dialog.tsx'
import { NumberField } from './fields.tsx'

/** Grows the root disk or a volume; disks never shrink. */
export function ResizeDialog({ install, onClose }: DialogProps) {
  const several = install.apps.length > 1
  const disks = [
    { key: 'root', size: install.resources.disk },
    ...install.volumes.map(({ app, name, size }) => ({ key: several ? `${app}/${name}` : name, size })),
  ]
  const [volume, setVolume] = useState('root')
  const now = disks.find(({ key }) => key === volume)?.size ?? 1
  const [size, setSize] = useState<number | undefined>(now + 1)
  return (
    <Dialog
      title={`Grow a disk of ${install.name}`}
      action="Grow"
      onClose={onClose}
      onSubmit={() => act(install, 'resize', { volume, size })}
    >
      <label class="field">
        Disk
        <select value={volume} onChange={event => setVolume(event.currentTarget.value)}>
          {disks.map(({ key, size: each }) => (
            <option key={key} value={key}>
              {key}, {each} GiB now
            </option>
          ))}
        </select>
      </label>
      <NumberField label="New size in GiB" value={size} min={now + 1} onValue={setSize} />
    </Dialog>
  )
}
