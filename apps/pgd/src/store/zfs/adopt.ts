import { isPgdError, PgdError } from '../../errors/error.ts'
import { renderProject } from '../../facts/project.ts'
import { renderVolume } from '../../facts/volume.ts'
import type { Adopter, Foreign } from '../adopt.ts'
import { componentOf, readComponent, type VolumeName } from '../store.ts'
import { done } from './failure.ts'
import { datasetOf, type Found } from './inventory.ts'
import { listAll } from './listing.ts'
import type { Mark, Zfs } from './verbs.ts'

/** Takes over datasets below the base that have no facts as properties of their own: by hand, or received. */
export function zfsAdopter(zfs: Zfs): Adopter {
  const { base, mountpoint } = zfs
  const list = (): Promise<Found> => listAll(zfs)
  const pathOf = (at: VolumeName): string => `${mountpoint}/${at.project}/${componentOf(at)}`
  /** The broker changes only what is marked already; then root has to do it. */
  const mark = async (dataset: string, name: Mark, facts: string): Promise<void> => {
    try {
      await done(`Adopting ${dataset}`, zfs.set(dataset, name, facts))
    } catch (error) {
      if (!isPgdError(error) || !error.isRefused) throw error
      const hint = `Root does it by: zfs set '${name}=${facts}' ${dataset}. Then try again`
      throw new PgdError('PGD_REFUSED', error.message, { hint, cause: error })
    }
  }

  return {
    find: async project => {
      const { rows, projects, volumes } = await list()
      const top = `${base}/${project}`
      const row = rows.get(top)
      if (row === undefined) return undefined
      const text = (property: string): string => row.values.get(property) ?? '-'
      if (text('type') !== 'filesystem' || text('mounted') === 'yes') {
        const message = `${top} is a ${text('type')}${text('mounted') === 'yes' ? ' that is mounted' : ''}`
        const hint = `A project is a file system that is never mounted; one with data belongs to ${top}/main: zfs rename`
        throw new PgdError('PGD_FOREIGN', message, { hint })
      }
      const ours = new Set(volumes.map(volume => datasetOf(base, volume)))
      const found: Foreign[] = []
      const others: string[] = []
      for (const { name, values } of rows.values()) {
        if (!name.startsWith(`${top}/`) || name.includes('@') || ours.has(name)) continue
        const component = readComponent(name.slice(top.length + 1))
        if (component === undefined || values.get('type') !== 'filesystem') others.push(name)
        else found.push({ project, ...component, path: pathOf({ project, ...component }) })
      }
      return { isOurs: projects.some(({ name }) => name === project), volumes: found, others }
    },
    reach: async foreign => {
      const dataset = datasetOf(base, foreign)
      await done(`Mounting ${dataset}`, zfs.mount(dataset), 'alreadyMounted')
      return foreign.path
    },
    place: async () => {},
    project: (name, facts) => mark(`${base}/${name}`, 'pgd:project', renderProject(facts)),
    volume: async (foreign, facts) => {
      const dataset = datasetOf(base, foreign)
      await mark(dataset, 'pgd:volume', renderVolume(facts))
      const volume = (await list()).volumes.find(one => datasetOf(base, one) === dataset)
      if (volume === undefined) throw new PgdError('PGD_NOT_FOUND', `There is no ${dataset} any more`)
      return { ...volume, isMounted: true }
    },
  }
}
