import { useState } from 'preact/hooks'
import { act, type DialogProps } from './actions.tsx'
import { Dialog } from './dialog.tsx'

/** Asks which volumes are kept, and for the name, since what is removed does not come back. */
export function UninstallDialog({ install, onClose }: DialogProps) {
  const { name, volumes } = install
  const [keep, setKeep] = useState<readonly string[]>([])
  const [typed, setTyped] = useState('')
  const several = install.apps.length > 1
  return (
    <Dialog
      title={`Uninstall ${name}`}
      action="Uninstall"
      isDangerous
      onClose={onClose}
      onSubmit={async () => {
        if (typed !== name) throw new Error('The name is another one')
        await act(install, 'uninstall', { keep: keep.length === volumes.length ? keep.length > 0 : keep })
      }}
    >
      <p>The guest is destroyed, and all that is in it, save the volumes that are kept.</p>
      {volumes.length > 0 && (
        <fieldset>
          <legend>Keep volumes</legend>
          {volumes.map(volume => {
            const key = several ? `${volume.app}/${volume.name}` : volume.name
            return (
              <label key={key} class="check">
                <input
                  type="checkbox"
                  checked={keep.includes(key)}
                  onChange={event =>
                    setKeep(event.currentTarget.checked ? [...keep, key] : keep.filter(one => one !== key))
                  }
                />
                {volume.name} (<code>{volume.path}</code>, {volume.size} GiB)
              </label>
            )
          })}
        </fieldset>
      )}
      <label class="field">
        Type {name} to confirm
        <input
          required
          autoComplete="off"
          spellcheck={false}
          value={typed}
          onInput={event => setTyped(event.currentTarget.value)}
        />
      </label>
    </Dialog>
  )
}
