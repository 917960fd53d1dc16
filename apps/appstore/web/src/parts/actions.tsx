import { useState } from 'preact/hooks'
import { installs } from '../api/routes.ts'
import type { InstallView } from '../api/types.ts'
import { go } from '../app/router.ts'
import { may } from '../app/session.ts'
import { Problem } from './problem.tsx'
import { ReconfigureDialog } from './reconfigure.tsx'
import { ResizeDialog } from './resize.tsx'
import { UninstallDialog } from './uninstall.tsx'
import { UpgradeDialog } from './upgrade.tsx'

const dialogs = {
  reconfigure: ReconfigureDialog,
  resize: ResizeDialog,
  upgrade: UpgradeDialog,
  uninstall: UninstallDialog,
} as const

/** What a dialog about an install is given. */
export interface DialogProps {
  readonly install: InstallView
  readonly onClose: () => void
}

/** Does it, and shows its job. */
export async function act(install: InstallView, action: string, body: unknown = {}): Promise<void> {
  const { id } = await installs.act(install.id, action, body)
  go('jobs', id)
}

/** Buttons for what can be done with an install as it is now. */
export function Actions({ install }: { install: InstallView }) {
  const [open, setOpen] = useState<keyof typeof dialogs>()
  const [error, setError] = useState<unknown>()
  const { status, live, job, upgrades } = install
  const isActive = status === 'active'
  const isRunning = live.state === 'running'
  const isFree = job === undefined
  const button = (action: string, title: string, scope: string, isPossible: boolean) =>
    may(scope) &&
    isPossible && (
      <button
        key={action}
        type="button"
        disabled={!isFree}
        class={action === 'uninstall' ? 'danger' : undefined}
        onClick={() => {
          setError(undefined)
          if (Object.hasOwn(dialogs, action)) setOpen(action as keyof typeof dialogs)
          else act(install, action).catch(setError)
        }}
      >
        {title}
      </button>
    )
  const Open = open === undefined ? undefined : dialogs[open]
  return (
    <section aria-label="Actions">
      <p class="row">
        {button('start', 'Start', 'operate', isActive && live.state === 'stopped')}
        {button('stop', 'Stop', 'operate', isActive && isRunning)}
        {button('restart', 'Restart', 'operate', isActive && isRunning)}
        {button('reconfigure', 'Reconfigure', 'install', isActive)}
        {button('resize', 'Grow a disk', 'install', isActive)}
        {button('upgrade', 'Upgrade', 'install', isActive && upgrades.length > 0)}
        {button('backup', 'Back up', 'operate', isActive)}
        {button('reinstall', 'Install again', 'install', status === 'kept' || status === 'failed')}
        {button('uninstall', 'Uninstall', 'install', true)}
      </p>
      <Problem error={error} />
      {Open && <Open install={install} onClose={() => setOpen(undefined)} />}
    </section>
  )
}
