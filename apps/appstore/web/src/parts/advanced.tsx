import { system } from '../api/routes.ts'
import type { AppDetail, InstallRequest } from '../api/types.ts'
import { NumberField, SelectField, TextField } from './fields.tsx'
import { bytes } from './format.ts'
import { useLoad } from './load.tsx'

/** What is wanted beyond the manifest; everything left out is as the manifest and the configuration say. */
export interface Wanted {
  readonly storage?: string | undefined
  readonly template?: string | undefined
  readonly keepFailed?: boolean | undefined
  readonly resources: {
    readonly cores?: number | undefined
    readonly memory?: number | undefined
    readonly disk?: number | undefined
  }
  readonly network: {
    readonly bridge?: string | undefined
    readonly ipv4?: string | undefined
    readonly gateway4?: string | undefined
    readonly vlan?: number | undefined
  }
  readonly volumes: Readonly<
    Record<string, { readonly size?: number | undefined; readonly storage?: string | undefined }>
  >
}

/** The part of a request, without what is empty. */
export function wantedRequest(wanted: Wanted): Partial<InstallRequest> {
  const filled = Object.entries(wanted).flatMap(([key, value]) => {
    const given = typeof value === 'object' ? strip(value) : value
    return given === undefined || given === '' ? [] : [[key, given]]
  })
  return Object.fromEntries(filled)
}

function strip(value: object): object | undefined {
  const given = Object.entries(value).flatMap(([key, one]) => {
    const kept = typeof one === 'object' && one !== null ? strip(one) : one
    return kept === undefined || kept === '' ? [] : [[key, kept]]
  })
  return given.length === 0 ? undefined : Object.fromEntries(given)
}

/** Templates to choose from; a stack may name one in short. */
const templatesOf = (known: readonly string[], wanted: string | undefined) =>
  [...new Set([...(wanted === undefined ? [] : [wanted]), ...known])].map(name => [name, name] as const)

interface Props {
  readonly apps: readonly AppDetail[]
  readonly wanted: Wanted
  readonly onWanted: (wanted: Wanted) => void
}

/** Resources, network and storage: all may stay as they are. */
export function Advanced({ apps, wanted, onWanted }: Props) {
  const places = useLoad('places', system.places).value
  const storages = places?.storages.map(({ name, free }) => [name, `${name} (${bytes(free)} free)`] as const) ?? []
  const set = <Key extends keyof Wanted>(key: Key, value: Wanted[Key] | undefined): void =>
    onWanted({ ...wanted, [key]: value })
  const { resources, network, volumes } = wanted
  const usual = (of: keyof AppDetail['resources']): string =>
    String(Math.max(...apps.map(({ resources: each }) => each[of])))
  return (
    <details>
      <summary>Advanced: resources, network, storage</summary>
      <fieldset>
        <legend>Resources</legend>
        <NumberField
          label="Cores"
          value={resources.cores}
          placeholder={usual('cores')}
          onValue={cores => set('resources', { ...resources, cores })}
        />
        <NumberField
          label="Memory in MiB"
          value={resources.memory}
          min={64}
          placeholder={usual('memory')}
          onValue={memory => set('resources', { ...resources, memory })}
        />
        <NumberField
          label="Root disk in GiB"
          value={resources.disk}
          placeholder={usual('disk')}
          onValue={disk => set('resources', { ...resources, disk })}
        />
      </fieldset>
      <fieldset>
        <legend>Network</legend>
        <SelectField
          label="Bridge"
          value={network.bridge}
          options={places?.bridges.map(({ name }) => [name, name] as const) ?? []}
          onValue={bridge => set('network', { ...network, bridge })}
        />
        <TextField
          label="IPv4 address"
          value={network.ipv4}
          placeholder={apps.some(app => app.needsStaticAddress) ? 'needed, such as 10.0.0.5/24' : 'dhcp'}
          onValue={ipv4 => set('network', { ...network, ipv4 })}
        />
        <TextField
          label="IPv4 gateway"
          value={network.gateway4}
          onValue={gateway4 => set('network', { ...network, gateway4 })}
        />
        <NumberField
          label="VLAN tag"
          value={network.vlan}
          max={4094}
          onValue={vlan => set('network', { ...network, vlan })}
        />
      </fieldset>
      <fieldset>
        <legend>Storage</legend>
        <SelectField
          label="Root disk on"
          value={wanted.storage}
          options={storages}
          onValue={storage => set('storage', storage)}
        />
        <SelectField
          label="Template"
          value={wanted.template}
          options={templatesOf(places?.templates ?? [], wanted.template)}
          onValue={template => set('template', template)}
        />
        {apps.flatMap(app =>
          app.volumes.map(volume => {
            const key = apps.length > 1 ? `${app.id}/${volume.name}` : volume.name
            const now = volumes[key] ?? {}
            return (
              <div key={key} class="row">
                <NumberField
                  label={`${volume.label}: size in GiB`}
                  value={now.size}
                  placeholder={String(volume.size)}
                  onValue={size => set('volumes', { ...volumes, [key]: { ...now, size } })}
                />
                <SelectField
                  label={`${volume.label}: storage`}
                  value={now.storage}
                  options={storages}
                  onValue={storage => set('volumes', { ...volumes, [key]: { ...now, storage } })}
                />
              </div>
            )
          }),
        )}
      </fieldset>
      <label class="check">
        <input
          type="checkbox"
          checked={wanted.keepFailed ?? false}
          onChange={event => set('keepFailed', event.currentTarget.checked || undefined)}
        />
        Keep the guest when the install fails, to look at it
      </label>
    </details>
  )
}
