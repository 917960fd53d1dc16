import { family, int, kind, property } from '../request/parameter.ts'
import { nameServer } from '../values/address.ts'
import { device, features, startup } from '../values/features.ts'
import { mountPoint, mountPointCount, rootfs } from '../values/mount-point.ts'
import * as names from '../values/names.ts'
import { net, netCount } from '../values/net.ts'
import { upid } from '../values/upid.ts'
import { highestVmid, lowestVmid } from '../values/vmid.ts'
import { volumeId } from '../values/volume.ts'

// Parameters that several methods have.

export const node = kind('node', names.nodeName)
export const vmid = int(lowestVmid, highestVmid)
export const storage = kind('storage', names.storageId)
export const pool = kind('pool', names.poolId)
export const user = kind('userid', names.userId)
export const role = kind('roleid', names.roleId)
export const snapshot = kind('snapname', names.snapshotName)
export const option = kind('option', names.optionName)
export const digest = kind('digest', names.digest)
export const hostname = kind('hostname', names.dnsName)
export const address = kind('address', nameServer)
export const volume = kind('volume', volumeId)
export const task = kind('upid', upid)
export const bandwidth = int(0, 1_000_000_000)

export const nets = family(property('net', net), netCount)
export const mountPoints = family(property('mount point', mountPoint), mountPointCount)
export const rootDisk = property('rootfs', rootfs)
export const devices = family(property('device', device), 256)
export const featureFlags = property('features', features)
export const startOrder = property('startup', startup)
export const timezone = kind('timezone', names.timezone)
export const disk = kind('disk', names.diskName)
export const slot = kind('slot', names.slotName)
