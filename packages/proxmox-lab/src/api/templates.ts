import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { node, storageId, string } from '../schema/property.ts'
import { seconds, storageOf, usedOf } from '../state/disks.ts'
import { failed, invalid } from '../wire/error.ts'
import { type Endpoint, need, type World } from './endpoint.ts'

interface Appliance {
  readonly template: string
  readonly os: string
  readonly version: string
  readonly headline: string
}

const appliance = (template: string, os: string, version: string, headline: string): Appliance => ({
  template,
  os,
  version,
  headline,
})

/** Templates that can be fetched; several of a kind, since clients have to choose the newest. */
export const appliances: readonly Appliance[] = [
  appliance('alpine-3.21-default_20241217_amd64.tar.xz', 'alpine', '20241217', 'LXC default image for alpine 3.21'),
  appliance('alpine-3.22-default_20250617_amd64.tar.xz', 'alpine', '20250617', 'LXC default image for alpine 3.22'),
  appliance('debian-12-standard_12.7-1_amd64.tar.zst', 'debian-12', '12.7-1', 'Debian 12 Bookworm (standard)'),
  appliance('debian-12-standard_12.12-1_amd64.tar.zst', 'debian-12', '12.12-1', 'Debian 12 Bookworm (standard)'),
  appliance('debian-13-standard_13.1-2_amd64.tar.zst', 'debian-13', '13.1-2', 'Debian 13 Trixie (standard)'),
  appliance('ubuntu-24.04-standard_24.04-2_amd64.tar.zst', 'ubuntu-24.04', '24.04-2', 'Ubuntu 24.04 Noble (standard)'),
]

/** Bytes that a template counts for. */
const templateSize = 120 * 1024 ** 2

/** Puts a template into a storage, as fetching it does. */
export function addTemplate(world: World, storage: string, template: string): string {
  const volid = `${storage}:vztmpl/${template}`
  const place = `templates/${storage}/${template}`
  const file = join(world.store.directory, place)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${template}\n`)
  world.state.volumes[volid] = { storage, content: 'vztmpl', size: templateSize, ctime: seconds(), place }
  world.store.save()
  return volid
}

export const templateEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/nodes/{node}/aplinfo',
    permission: 'all',
    parameters: { node },
    handle: () =>
      appliances.map(({ template, os, version, headline }) => ({
        template,
        os,
        version,
        headline,
        package: template.slice(0, template.indexOf('_')),
        section: 'system',
        type: 'lxc',
        architecture: 'amd64',
        source: 'https://templates.invalid',
        location: `https://templates.invalid/images/system/${template}`,
        description: headline,
        infopage: 'https://templates.invalid',
        manageurl: '',
        sha512sum: '',
      })),
  },
  {
    method: 'POST',
    path: '/nodes/{node}/aplinfo',
    permission: { path: '/storage/{storage}', privileges: ['Datastore.AllocateTemplate'] },
    parameters: { node, storage: storageId, template: string({ maxLength: 255 }) },
    handle(call) {
      const { world, params } = call
      const template = need(params, 'template')
      const storage = need(params, 'storage')
      if (!appliances.some(known => known.template === template)) throw invalid({ template: 'no such template' })
      const { content, total } = storageOf(world, storage)
      if (!content.split(',').includes('vztmpl'))
        throw failed(`cannot download to storage '${storage}': storage has no 'vztmpl' content`)
      return call.fork('download', template, async worker => {
        worker.log(
          `downloading https://templates.invalid/images/system/${template} to /var/lib/vz/template/cache/${template}`,
        )
        if (usedOf(world, storage) + templateSize > total) throw new Error('download failed: No space left on device')
        addTemplate(world, storage, template)
        worker.log('checksum verified')
        worker.log(`download of 'https://templates.invalid/images/system/${template}' to '${template}' finished`)
      })
    },
  },
]
