import { useState } from 'preact/hooks'
import { access } from '../api/routes.ts'
import { TextField } from './fields.tsx'
import { SmallForm } from './form.tsx'
import { Loading, useLoad } from './load.tsx'
import { Problem } from './problem.tsx'

const roles = ['viewer', 'operator', 'admin'] as const

/** All accounts, for administrators. */
export function AccountList() {
  const found = useLoad('accounts', access.accounts)
  const [name, setName] = useState<string>()
  const [password, setPassword] = useState<string>()
  const [role, setRole] = useState<string>('viewer')
  const [error, setError] = useState<unknown>()
  const change = (work: Promise<void>): void => {
    setError(undefined)
    work.catch(setError).finally(found.reload)
  }
  const add = async (): Promise<void> => {
    await access.addAccount(name ?? '', role, password ?? '')
    setName(undefined)
    setPassword(undefined)
    found.reload()
  }
  return (
    <section class="panel" aria-label="Accounts">
      <h2>Accounts</h2>
      <Loading of={found}>
        {({ accounts }) => (
          <ul class="entries">
            {accounts.map(account => (
              <li key={account.name}>
                <span>{account.name}</span>
                <RoleSelect
                  label={`Role of ${account.name}`}
                  value={account.role}
                  onValue={value => change(access.setRole(account.name, value))}
                />
                <button
                  type="button"
                  aria-label={`Remove ${account.name}`}
                  onClick={() => change(access.removeAccount(account.name))}
                >
                  Remove
                </button>
              </li>
            ))}
          </ul>
        )}
      </Loading>
      <Problem error={error} />
      <SmallForm title="A new account" action="Make the account" onSubmit={add}>
        <TextField label="Name" required value={name} onValue={setName} />
        <TextField
          label="Password"
          type="password"
          complete="new-password"
          required
          value={password}
          onValue={setPassword}
        />
        <div class="field">
          <span aria-hidden="true">Role</span>
          <RoleSelect label="Role" value={role} onValue={setRole} />
        </div>
      </SmallForm>
    </section>
  )
}

function RoleSelect({ label, value, onValue }: { label: string; value: string; onValue: (value: string) => void }) {
  return (
    <select aria-label={label} value={value} onChange={event => onValue(event.currentTarget.value)}>
      {roles.map(role => (
        <option key={role}>{role}</option>
      ))}
    </select>
  )
}
