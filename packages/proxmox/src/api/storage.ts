import { z } from 'zod'
import { define } from '../request/definition.ts'
import { count, maybe, of, rows, string, truth } from '../request/lenient.ts'
import { beside, bool, int, kind, list, oneOf, optional } from '../request/parameter.ts'
import { textKind } from '../values/branded.ts'
import { storageId } from '../values/names.ts'
import { upid } from '../values/upid.ts'
import { vmid as parseVmid } from '../values/vmid.ts'
import { volumeId } from '../values/volume.ts'
import { node, storage, vmid, volume } from './parameters.ts'

const contents = oneOf('images', 'rootdir', 'vztmpl', 'iso', 'backup', 'snippets', 'import')
const here = { node, storage }

const state = {
  type: string,
  active: maybe(truth),
  enabled: maybe(truth),
  shared: maybe(truth),
  content: string.transform(text => text.split(',')),
  total: maybe(count),
  used: maybe(count),
  avail: maybe(count),
}
const summary = z.object({ storage: of(storageId), ...state, used_fraction: maybe(count) })

/** A storage as a node sees it; bytes. */
export type StorageSummary = z.infer<typeof summary>
const status = z.object(state)
export type StorageStatus = z.infer<typeof status>

const row = z.object({
  volid: of(volumeId),
  format: maybe(string),
  size: maybe(count),
  used: maybe(count),
  content: maybe(string),
  vmid: maybe(of(parseVmid)),
  /** Seconds since 1970. */
  ctime: maybe(count),
  notes: maybe(string),
  parent: maybe(string),
  protected: maybe(truth),
  subtype: maybe(string),
})

/** A volume, template or backup in a storage; bytes. `vmid` is the guest that it belongs to by its name. */
export type StoredVolume = z.infer<typeof row>

const volumeStatus = z.object({
  path: maybe(string),
  format: maybe(string),
  size: maybe(count),
  used: maybe(count),
  notes: maybe(string),
  protected: maybe(truth),
})

export type VolumeStatus = z.infer<typeof volumeStatus>

const appliance = z.object({
  template: string,
  package: maybe(string),
  version: maybe(string),
  os: maybe(string),
  type: maybe(string),
  section: maybe(string),
  headline: maybe(string),
  description: maybe(string),
  architecture: maybe(string),
  sha512sum: maybe(string),
  source: maybe(string),
})

/** A template that Proxmox offers for download; `template` is its file name. */
export type Appliance = z.infer<typeof appliance>

const webAddress = kind('url', textKind('url', /https?:\/\/[^\s\p{Cc}]+/u, 'an address that begins with http', 2000))
const fileName = kind('filename', textKind('filename', /[A-Za-z0-9_][A-Za-z0-9._+~-]*/, 'a file name'))
const sum = kind('checksum', textKind('checksum', /[0-9a-fA-F]{32,128}/, 'a checksum', 128))

export const storages = {
  list: define(
    'GET',
    '/nodes/{node}/storage',
    { node, content: optional(list(contents)), enabled: optional(bool), storage: optional(storage) },
    rows(summary),
  ),
  status: define('GET', '/nodes/{node}/storage/{storage}/status', here, status),
  content: define(
    'GET',
    '/nodes/{node}/storage/{storage}/content',
    { ...here, content: optional(contents), vmid: optional(vmid) },
    rows(row),
  ),
  volume: define('GET', '/nodes/{node}/storage/{storage}/content/{volume}', { ...here, volume }, volumeStatus),
  /** Answers with a task, or with nothing when it was done within `delay` seconds. */
  removeVolume: define(
    'DELETE',
    '/nodes/{node}/storage/{storage}/content/{volume}',
    { ...here, volume, delay: optional(int(1, 30)) },
    of(upid).optional(),
  ),
  /** Templates that can be downloaded. */
  appliances: define('GET', '/nodes/{node}/aplinfo', { node }, rows(appliance)),
  /** Needs Datastore.AllocateTemplate. Proxmox checks the sum that its list has. */
  downloadAppliance: define('POST', '/nodes/{node}/aplinfo', { node, storage, template: fileName }, of(upid)),
  /** Needs Sys.AccessNetwork on the node besides, or Sys.Audit and Sys.Modify on `/`. */
  downloadUrl: define(
    'POST',
    '/nodes/{node}/storage/{storage}/download-url',
    {
      ...here,
      content: oneOf('iso', 'vztmpl', 'import'),
      filename: fileName,
      url: webAddress,
      checksum: beside('checksum-algorithm', sum),
      'checksum-algorithm': beside('checksum', oneOf('md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512')),
      'verify-certificates': optional(bool),
    },
    of(upid),
  ),
}
