import { useState } from 'preact/hooks'
import { catalog } from '../api/routes.ts'
import type { InputField, InstallView, ReconfigureRequest } from '../api/types.ts'
import { act, type DialogProps } from './actions.tsx'
import { AppInputs } from './app-inputs.tsx'
import { Dialog } from './dialog.tsx'
import { NumberField } from './fields.tsx'
import { sentValues, type Values } from './inputs.ts'
import { Loading, useLoad } from './load.tsx'

/** Changes inputs, cores and memory in place. Secrets that are left empty stay as they are. */
export function ReconfigureDialog({ install, onClose }: DialogProps) {
  const apps = install.apps.map(({ app }) => app)
  const details = useLoad(apps.join(), () =>
    Promise.all(install.apps.map(({ app, source }) => catalog.app(app, source))),
  )
  const [values, setValues] = useState<Readonly<Record<string, Values>>>(() =>
    Object.fromEntries(install.apps.map(({ app, inputs }) => [app, inputs])),
  )
  const { cores: coresNow, memory: memoryNow } = install.resources
  const [cores, setCores] = useState<number | undefined>(coresNow)
  const [memory, setMemory] = useState<number | undefined>(memoryNow)
  const [error, setError] = useState<unknown>()
  const submit = async (): Promise<void> => {
    const inputs = changedInputs(install, details.value ?? [], values)
    const resources = {
      ...(cores !== undefined && cores !== coresNow && { cores }),
      ...(memory !== undefined && memory !== memoryNow && { memory }),
    }
    const request: ReconfigureRequest = {
      ...(Object.keys(inputs).length > 0 && { inputs }),
      ...(Object.keys(resources).length > 0 && { resources }),
    }
    if (Object.keys(request).length === 0) throw new Error('Nothing is changed')
    await act(install, 'reconfigure', request).catch(thrown => {
      setError(thrown)
      throw thrown
    })
  }
  return (
    <Dialog title={`Reconfigure ${install.name}`} action="Reconfigure" onClose={onClose} onSubmit={submit}>
      <Loading of={details}>
        {found =>
          found.map(({ id, name, inputs }) => (
            <AppInputs
              key={id}
              app={id}
              title={found.length > 1 ? name : undefined}
              fields={changeable(inputs)}
              values={values[id] ?? {}}
              error={error}
              onValues={next => setValues(before => ({ ...before, [id]: next }))}
            />
          ))
        }
      </Loading>
      <fieldset>
        <legend>Resources</legend>
        <NumberField label="Cores" value={cores} onValue={setCores} />
        <NumberField label="Memory in MiB" value={memory} min={64} onValue={setMemory} />
      </fieldset>
    </Dialog>
  )
}

/** Inputs that may change. A secret that is not typed again stays, so none is needed. */
const changeable = (fields: readonly InputField[]): readonly InputField[] =>
  fields
    .filter(({ reconfigurable }) => reconfigurable)
    .map(({ showWhen: _, ...field }) => (field.type === 'secret' ? { ...field, required: false } : field))

function changedInputs(
  install: InstallView,
  details: readonly { readonly id: string; readonly inputs: readonly InputField[] }[],
  values: Readonly<Record<string, Values>>,
): Record<string, Record<string, string | number | boolean>> {
  const all = details.map(({ id, inputs }) => {
    const before = install.apps.find(({ app }) => app === id)?.inputs ?? {}
    const sent = Object.entries(sentValues(changeable(inputs), values[id] ?? {}))
    return [id, Object.fromEntries(sent.filter(([key, value]) => before[key] !== value))] as const
  })
  return Object.fromEntries(all.filter(([, changed]) => Object.keys(changed).length > 0))
}
