import { may, me } from '../app/session.ts'
import { AccountList } from '../parts/accounts.tsx'
import { AdoptForm } from '../parts/adopt.tsx'
import { PasswordForm } from '../parts/password.tsx'
import { SessionList } from '../parts/sessions.tsx'
import { Title } from '../parts/title.tsx'
import { TokenList } from '../parts/tokens.tsx'

/** What belongs to the account, and for administrators all accounts. */
export function Settings() {
  return (
    <>
      <Title>Settings</Title>
      <p>
        Logged in as <strong>{me.value?.name}</strong>, who may {me.value?.scopes.join(', ')}.
      </p>
      <PasswordForm />
      <SessionList />
      <TokenList />
      {may('admin') && <AccountList />}
      {may('admin') && <AdoptForm />}
    </>
  )
}
