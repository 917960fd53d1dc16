import { createPrivateKey } from 'node:crypto'
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { genesis } from '../../src/audit/chain.ts'
import { parseCheckpoint, signCheckpoint, verifyCheckpoint } from '../../src/audit/checkpoint.ts'
import { encodeVerifier, isSignedBy, parseVerifier, signNote } from '../../src/audit/note.ts'
import { signingKey } from '../../src/audit/signing-key.ts'

const head = { sequence: 42, hash: 'ab'.repeat(32) }

t.test('a checkpoint has the lines of the C2SP form and reads back', async t => {
  const signer = signingKey(`${t.testdir({})}/audit.jsonl`, 'host.test/log')
  const note = signCheckpoint(head, signer)
  const base64 = Buffer.from(head.hash, 'hex').toString('base64')
  t.match(
    note,
    new RegExp(`^host.test/log\\n42\\n${base64.replace(/\+/g, '\\+')}\\n\\n\u2014 host.test/log [A-Za-z0-9+/]+=*\\n$`),
  )
  t.same(parseCheckpoint(note), { origin: 'host.test/log', ...head })
  t.same(verifyCheckpoint(note, parseVerifier(encodeVerifier(signer))), { origin: 'host.test/log', ...head })
  t.same(parseCheckpoint(signCheckpoint(genesis, signer)).sequence, 0)
})

t.test('a note and a key that other software made are verified', async t => {
  // The example of the documentation of golang.org/x/mod/sumdb/note.
  const key = parseVerifier('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW')
  const text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
  const line =
    '\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM='
  t.equal(isSignedBy(`${text}\n${line}\n`, key), true)
  t.equal(isSignedBy(`${text.replace('your', 'our')}\n${line}\n`, key), false)
  t.equal(isSignedBy(`${text}\n\u2014 somebody AAAAAAAA\n${line}\n`, key), true, 'signatures of others are ignored')
})

t.test('what is no checkpoint is refused', async t => {
  const signer = signingKey(`${t.testdir({})}/audit.jsonl`, 'host.test/log')
  const hash = Buffer.alloc(32).toString('base64')
  for (const text of ['', 'a\n1\n', `a\n01\n${hash}\n`, `a\n-1\n${hash}\n`, 'a\n1\nAAAA\n', `a\n1\n${hash}\n\nb\n`]) {
    t.throws(() => parseCheckpoint(signNote(text, signer)), { code: 'PRIVEXEC_ARGUMENT_INVALID' }, JSON.stringify(text))
  }
  t.throws(() => parseCheckpoint(`a\n1\n${hash}\n`), { code: 'PRIVEXEC_ARGUMENT_INVALID' }, 'no signature')
  t.throws(() => signCheckpoint(head, { ...signer, name: 'a b' }), { code: 'PRIVEXEC_ARGUMENT_INVALID' })
  t.throws(() => parseVerifier('a+00000000+AAAA'), { code: 'PRIVEXEC_ARGUMENT_INVALID' })
})

t.test('the signing key is made once, is ours alone, and its public half is beside it', async t => {
  const file = `${t.testdir({})}/audit.jsonl`
  const first = signingKey(file)
  t.equal(statSync(`${file}.key`).mode & 0o777, 0o600)
  t.equal(encodeVerifier(signingKey(file, 'another.name')), encodeVerifier(first), 'key and name stay')
  t.equal(readFileSync(`${file}.pub`, 'utf8'), `${encodeVerifier(first)}\n`)
  t.same(createPrivateKey(readFileSync(`${file}.key`)).asymmetricKeyType, 'ed25519')
})

t.test('a signing key that others can read, or that is not that of the public half, is refused', async t => {
  const file = `${t.testdir({})}/audit.jsonl`
  signingKey(file)
  const other = encodeVerifier(signingKey(`${file}.other`))
  chmodSync(`${file}.key`, 0o640)
  t.throws(() => signingKey(file), { code: 'PRIVEXEC_AUDIT_UNAVAILABLE' })
  chmodSync(`${file}.key`, 0o600)
  writeFileSync(`${file}.pub`, other)
  t.throws(() => signingKey(file), { code: 'PRIVEXEC_AUDIT_UNAVAILABLE' })
})
