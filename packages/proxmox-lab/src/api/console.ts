import { guestPath, integer, string } from '../schema/property.ts'
import { guestOf, isRunning } from '../state/guests.ts'
import { failed } from '../wire/error.ts'
import type { Endpoint } from './endpoint.ts'

const path = '/nodes/{node}/lxc/{vmid}'
const permission = { path: '/vms/{vmid}', privileges: ['VM.Console'] } as const

export const consoleEndpoints: readonly Endpoint[] = [
  {
    method: 'POST',
    path: `${path}/termproxy`,
    permission,
    parameters: guestPath,
    handle(call) {
      const { world, params, who } = call
      const vmid = Number(params.vmid)
      guestOf(world, vmid)
      const { ticket, port } = world.consoles.add(vmid, who)
      const upid = call.fork('vncproxy', vmid, async worker => {
        worker.log(`starting lxc termproxy for CT ${vmid} on port ${port}`)
      })
      return { user: who, ticket, port: world.version === 8 ? String(port) : port, upid }
    },
  },
  {
    method: 'GET',
    path: `${path}/vncwebsocket`,
    permission,
    parameters: {
      ...guestPath,
      port: integer({ minimum: 5900, maximum: 5999 }),
      vncticket: string({ maxLength: 512 }),
    },
    handle({ world, params }) {
      if (!isRunning(guestOf(world, Number(params.vmid)))) throw failed(`CT ${params.vmid} not running`)
      throw failed('this is for websockets')
    },
  },
]
