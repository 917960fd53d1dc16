import { escapeValue } from '@broker/privexec/escape'
import { type Appliance, calls, type StorageId, storageId, type Upid } from '@broker/proxmox'
import { AppstoreError } from '../../errors/error.ts'
import { withProxmox } from '../../guests/failure.ts'
import type { Step } from '../../jobs/definition.ts'
import { installOf, type Toolbox } from '../toolbox.ts'
import { watched } from './guest.ts'

/** Where a template is, or where it can be had from. */
export interface FoundTemplate {
  /** Volume id; of one that is to be downloaded, the id that it will have. */
  readonly volume: string
  readonly download?: { readonly storage: StorageId; readonly file: string }
}

/** Sees to it that the template is there, and writes its volume into `facts.template`. */
export const fetchTemplate = (tools: Toolbox): Step => ({
  name: 'template',
  title: 'Get the template',
  run: async context => {
    const { template } = installOf(tools, context)
    const found = await findTemplate(tools.door, template, context.signal)
    if (found.download !== undefined) {
      const { storage, file } = found.download
      const request = calls.storages.downloadAppliance.call({ node: tools.door.node, storage, template: file as never })
      await withProxmox('Downloading the template', async () => {
        const upid = await tools.door.send(request, { signal: context.signal })
        await tools.door.finish(upid as Upid, watched(context))
      })
    }
    context.save({ template: found.volume })
  },
})

/**
 * Finds a template: a volume id as it is, or the newest version for a short name (`debian-12`) in any storage that has
 * templates, else in Proxmox's list for download.
 * @throws {AppstoreError} `APPSTORE_NOT_FOUND` when nobody has it.
 */
export async function findTemplate(
  door: Toolbox['door'],
  wanted: string,
  signal?: AbortSignal,
): Promise<FoundTemplate> {
  const options = { ...(signal && { signal }) }
  return withProxmox('Looking for the template', async () => {
    const { node } = door
    const storages = await door.send(calls.storages.list.call({ node, content: ['vztmpl'], enabled: true }), options)
    const here: string[] = []
    for (const { storage, active } of storages) {
      if (active === false) continue
      const content = await door.send(calls.storages.content.call({ node, storage, content: 'vztmpl' }), options)
      here.push(...content.map(({ volid }) => volid))
    }
    const own = wanted.includes(':') ? here.find(volume => volume === wanted) : newest(here, fileOf, wanted)
    if (own !== undefined) return { volume: own }
    const offered = await door.send(calls.storages.appliances.call({ node }), options)
    const file = wanted.includes(':') ? fileOf(wanted) : undefined
    const match =
      file === undefined
        ? newest(offered, ({ template }: Appliance) => template, wanted)
        : offered.find(({ template }) => template === file)
    const [first] = storages
    if (match === undefined || first === undefined) throw missing(wanted)
    const storage = file === undefined ? first.storage : storageId(wanted.slice(0, wanted.indexOf(':')))
    return { volume: `${storage}:vztmpl/${match.template}`, download: { storage, file: match.template } }
  })
}

const fileOf = (volume: string): string => volume.slice(volume.lastIndexOf('/') + 1)

/** `debian-12` is `debian-12-standard_12.7-1_amd64.tar.zst`, never `debian-121…`; `-default` is what Alpine has. */
function newest<T>(from: readonly T[], name: (one: T) => string, wanted: string): T | undefined {
  const fits = from.filter(one => {
    const file = name(one)
    return file.startsWith(`${wanted}-standard_`) || file.startsWith(`${wanted}-default_`)
  })
  const native = fits.filter(one => name(one).includes(`_${architecture}.`))
  const compare = new Intl.Collator('en', { numeric: true }).compare
  return native.sort((a, b) => compare(name(b), name(a)))[0]
}

const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64'

const missing = (wanted: string): AppstoreError =>
  new AppstoreError(
    'APPSTORE_NOT_FOUND',
    `No storage has the template ${escapeValue(wanted)}, nor does Proxmox offer it`,
    {
      field: 'template',
      hint: 'See what there is: pveam available; pveam download STORAGE TEMPLATE',
    },
  )
