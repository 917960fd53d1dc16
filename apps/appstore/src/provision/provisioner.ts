import type { Provisioner, ProvisionRequest } from '../operations/toolbox.ts'
import { appOf, secretValues } from './app.ts'
import type { GuestDoor } from './door.ts'
import type { ProvisionEvent } from './events.ts'
import { outputsOf } from './outputs.ts'
import { provision } from './provision.ts'

/** Runs apps' scripts for the operations. `door` is the privileged way into a guest that was read back to be ours. */
export function provisionerBy(door: (vmid: number) => GuestDoor): Provisioner {
  return {
    run: async ({ vmid, action, manifest, folder, inputs, secrets, context }) => {
      const app = appOf(manifest, folder)
      const { outputs } = await provision({
        guest: door(vmid),
        app,
        inputs,
        secrets,
        action,
        signal: context.signal,
        onEvent: event => tell(event, context),
      })
      // The address may change with the next start, so {{ip}} stays and is filled in when outputs are shown.
      const declared = action === 'healthcheck' ? [] : manifest.outputs
      return outputsOf(declared, outputs, inputs, { secrets: secretValues(app, inputs, secrets) })
    },
    plan: ({ vmid, action, manifest }) => [
      { command: 'pct.exec', parameters: { vmid, command: ['sh', '-s', '--', manifest.id, '<archive>'] } },
      { command: 'pct.push', parameters: { vmid, destination: `/opt/appstore/run/${manifest.id}/<archive>.tar` } },
      { command: 'pct.exec', parameters: { vmid, command: ['sh', '-c', '<unpack the archive>'] } },
      { command: 'pct.exec', parameters: { vmid, command: ['python3', '-I', '-u', '<archive>/runner', action] } },
    ],
  }
}

/** Tells an event of the guest as one of the job. Values of outputs go with the result alone, since some are secret. */
function tell(event: ProvisionEvent, context: ProvisionRequest['context']): void {
  if (event.kind === 'log') {
    const { level, text, source } = event
    context.log(level, source === undefined || source === 'script' || source === 'guest' ? text : `${source}: ${text}`)
  } else if (event.kind === 'progress') context.progress(event.step / Math.max(1, event.total), event.text)
  else if (event.kind === 'error') context.log('error', event.message)
}
