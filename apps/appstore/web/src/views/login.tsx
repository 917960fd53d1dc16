import { useState } from 'preact/hooks'
import { login } from '../app/session.ts'
import { Problem } from '../parts/problem.tsx'
import { useSubmit } from '../parts/submit.ts'
import { Title } from '../parts/title.tsx'

/** The only view for whom nobody knows. */
export function Login() {
  const [account, setAccount] = useState('')
  const [password, setPassword] = useState('')
  const { submit, error, isBusy } = useSubmit(() => login(account, password))
  return (
    <form class="narrow panel" onSubmit={submit}>
      <Title>Log in</Title>
      <label class="field">
        Account
        <input
          autoComplete="username"
          required
          value={account}
          onInput={event => setAccount(event.currentTarget.value)}
        />
      </label>
      <label class="field">
        Password
        <input
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onInput={event => setPassword(event.currentTarget.value)}
        />
      </label>
      <Problem error={error} />
      <button type="submit" class="primary" disabled={isBusy}>
        Log in
      </button>
    </form>
  )
}
