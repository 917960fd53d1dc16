import { useState } from 'preact/hooks'
import { installs } from '../api/routes.ts'
import { go } from '../app/router.ts'
import { NumberField, TextField } from './fields.tsx'
import { SmallForm } from './form.tsx'

/** Takes a guest of the pool that the store did not make under its care. */
export function AdoptForm() {
  const [vmid, setVmid] = useState<number>()
  const [name, setName] = useState<string>()
  const adopt = async (): Promise<void> => {
    const { id } = await installs.adopt({ vmid, ...(name && { name }) })
    go('jobs', id)
  }
  return (
    <section class="panel" aria-label="Adopt a guest">
      <h2>Adopt a guest</h2>
      <SmallForm title="A guest of the pool that the store did not make" action="Adopt" onSubmit={adopt}>
        <NumberField label="Id of the guest" min={100} value={vmid} onValue={setVmid} />
        <TextField label="Name of the install" value={name} onValue={setName} />
      </SmallForm>
    </section>
  )
}
