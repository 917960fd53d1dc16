import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import t from 'tap'
import { loadToken } from '../../src/connection/token.ts'
import { Secret } from '../../src/index.ts'
import { rejection, secret, tokenId } from '../support/server.ts'

function tokenFile(t: import('tap').Test, text: string, mode = 0o600): string {
  const file = join(t.testdir(), 'token')
  writeFileSync(file, text)
  chmodSync(file, mode)
  return file
}

t.test('a token is its id and secret, or a file with both, or the id beside a file with the secret', async t => {
  const given = await loadToken({ id: tokenId, secret })
  t.equal(given.secret.reveal(), secret)
  const whole = await loadToken({ file: tokenFile(t, `${tokenId}=${secret}\n`, 0o640) })
  t.equal(whole.id, tokenId)
  t.equal(whole.secret.reveal(), secret)
  const beside = await loadToken({ id: tokenId, file: tokenFile(t, secret) })
  t.equal(beside.secret.reveal(), secret)
})

t.test('a secret does not print itself', async t => {
  const { secret: kept } = await loadToken({ id: tokenId, secret: new Secret(secret) })
  for (const shown of [
    String(kept),
    JSON.stringify({ kept }),
    inspect({ kept }, { showHidden: true, depth: 9 }),
    `${kept}`,
  ]) {
    t.notMatch(shown, secret)
  }
})

t.test('a file that others can read or write is refused', async t => {
  for (const mode of [0o644, 0o604, 0o660]) {
    const error = await rejection(loadToken({ file: tokenFile(t, `${tokenId}=${secret}`, mode) }))
    t.match(error, { code: 'PROXMOX_TOKEN_UNREADABLE' }, mode.toString(8))
    t.notMatch(error.message, secret)
  }
})

t.test('what is no token is refused without showing it', async t => {
  for (const options of [
    { id: 'nobody', secret },
    { id: tokenId, secret: `with blank ${secret}` },
    { id: tokenId, secret: `line\nfeed${secret}` },
    { id: tokenId, secret: '' },
    { file: tokenFile(t, secret) },
    { file: tokenFile(t, `${tokenId}=${secret}`), id: 'other@pve!t' },
    { file: tokenFile(t, `a\n${tokenId}=${secret}`) },
  ]) {
    const error = await rejection(loadToken(options))
    t.match(error, { code: 'PROXMOX_INPUT_INVALID' })
    t.notMatch(`${error.message}${inspect(error)}`, secret)
  }
  t.match(await rejection(loadToken({ file: '/nonexistent/token' })), { code: 'PROXMOX_TOKEN_UNREADABLE' })
  t.match(await rejection(loadToken({ file: t.testdir() })), { code: 'PROXMOX_TOKEN_UNREADABLE' })
})
