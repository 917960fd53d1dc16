import { useState } from 'preact/hooks'
import { access } from '../api/routes.ts'
import { tell } from '../app/notice.ts'
import { resume } from '../app/session.ts'
import { TextField } from './fields.tsx'
import { SmallForm } from './form.tsx'

/** Changes the password, which ends all sessions of the account, this one too. */
export function PasswordForm() {
  const [current, setCurrent] = useState<string>()
  const [next, setNext] = useState<string>()
  const change = async (): Promise<void> => {
    await access.setPassword(current ?? '', next ?? '')
    tell('The password is changed: log in again')
    await resume()
  }
  return (
    <section class="panel" aria-label="Password">
      <h2>Password</h2>
      <SmallForm title="Change it" action="Change the password" onSubmit={change}>
        <TextField
          label="Current password"
          type="password"
          complete="current-password"
          required
          value={current}
          onValue={setCurrent}
        />
        <TextField
          label="New password"
          type="password"
          complete="new-password"
          required
          value={next}
          onValue={setNext}
        />
      </SmallForm>
    </section>
  )
}
