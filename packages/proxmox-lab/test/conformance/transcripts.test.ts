import { readFileSync } from 'node:fs'
import t from 'tap'
import type { Lab } from '../../src/index.ts'
import { labFor, send, tokenOf } from '../support/client.ts'

const file = process.env.BROKER_PVE_TRANSCRIPTS

interface Exchange {
  readonly request: {
    readonly method: string
    readonly path: string
    readonly params: Readonly<Record<string, string | number>> | null
  }
  readonly response: {
    readonly status: number
    readonly reason: string
    readonly contentType: string | null
    readonly body: unknown
  }
  readonly note?: string
}

const gigabyte = 1024 ** 3
const privileges = [
  'VM.PowerMgmt',
  'VM.Config.Options',
  'VM.Audit',
  'VM.Config.Network',
  'VM.Config.CPU',
  'Datastore.Audit',
  'VM.Config.Disk',
  'SDN.Use',
  'VM.Allocate',
  'Datastore.AllocateSpace',
  'VM.Config.Memory',
]

/** A lab with what the recorded node had: container 104 in the pool without its disk, 103 outside. */
async function recordedNode(t: Parameters<typeof labFor>[0]): Promise<Lab> {
  const lab = await labFor(t, {
    node: 'vm',
    privileges,
    grantStorages: ['local'],
    grantBridges: [],
    storages: {
      local: {
        type: 'dir',
        content: 'iso,images,rootdir,vztmpl',
        total: 200 * gigabyte,
        usedByOthers: 25 * gigabyte,
        shared: 0,
      },
    },
    templates: ['debian-12.tar.zst'],
    foreignGuests: [{ vmid: 103, hostname: 'other' }],
  })
  lab.addForeignGuest({ vmid: 104, hostname: 'app104', pool: 'appstore', tags: 'appstore;managed' })
  const { config } = lab.state.guests[104] ?? { config: {} as Record<string, string> }
  config.swap = '0'
  delete lab.state.volumes['local:104/vm-104-disk-0.raw']
  return lab
}

const upid = /^UPID:vm:[0-9A-F]{8}:[0-9A-F]{8}:[0-9A-F]{8}:[a-z]+:\d*:appstore@pve!store:$/

/** What cannot be equal: ids of tasks, digests, sizes of this machine. */
function normal(body: unknown, path: string): unknown {
  if (typeof body !== 'object' || body === null) return body
  const { data, ...rest } = structuredClone(body) as { data: unknown }
  if (typeof data === 'string' && upid.test(data)) return { ...rest, data: data.replace(/^.*?:(vz)/, 'UPID:…:$1') }
  if (Array.isArray(data) && data[0]?.node !== undefined)
    return { ...rest, data: data.map(({ ssl_fingerprint: _, status: __, ...node }) => node) }
  if (Array.isArray(data) && data[0]?.used_fraction !== undefined)
    return { ...rest, data: data.map(entry => ({ ...entry, total: 0, used: 0, avail: 0, used_fraction: 0 })) }
  if (typeof data === 'object' && data !== null && 'digest' in data) return { ...rest, data: { ...data, digest: '' } }
  // The recorded workers met other troubles than ours.
  return path.endsWith('/log') ? { data: 'log' } : { ...rest, data }
}

t.test(
  'requests are answered as the recorded ones were',
  { skip: file === undefined && 'BROKER_PVE_TRANSCRIPTS is not set' },
  async t => {
    const { exchanges } = JSON.parse(readFileSync(file ?? '', 'utf8')) as { exchanges: readonly Exchange[] }
    const lab = await recordedNode(t)
    // Ids of tasks come from this run: the recorded ones stand for the latest of their kind.
    const latest = new Map<string, string>()
    for (const [index, { request, response, note }] of exchanges.entries()) {
      const path = request.path.replace(
        /UPID:vm:[^/]*?:(vz\w+):[^/]*/,
        (text, type: string) => latest.get(type) ?? text,
      )
      const isUnknown = note === 'unknown token'
      const answer = await send(lab, request.method, path, request.params ?? undefined, {
        authorization: isUnknown ? `${tokenOf(lab)}x` : tokenOf(lab),
      })
      const name = `${index}: ${request.method} ${request.path} ${note ?? ''}`
      // In this one the request was written down with another id than it was sent with.
      const wrongId = (text: string): string =>
        request.params?.tags !== undefined ? text.replaceAll('105', '106') : text
      t.equal(answer.status, response.status, name)
      t.equal(answer.reason, wrongId(response.reason), name)
      t.equal(answer.contentType ?? null, response.contentType, name)
      const expected = JSON.parse(wrongId(JSON.stringify(response.body)))
      if (response.body === '') t.equal(answer.text, '', name)
      else t.same(normal(answer.body, path), normal(expected, path), name)
      const data = answer.body?.data
      if (typeof data === 'string' && upid.test(data)) {
        latest.set(data.split(':')[5] ?? '', data)
        await lab.waitFor(data)
      }
      if (path.endsWith('/vzcreate')) continue
      // Recorded workers failed for want of the real tools, so what they made was gone again.
      for (const vmid of [105, 107]) if (lab.state.guests[vmid] !== undefined) delete lab.state.guests[vmid]
    }
  },
)
