import { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { buildConnector } from 'undici'
import { invalid, ProxmoxError } from '../errors/error.ts'
import type { Log, TlsOptions } from './options.ts'

/** A server that did not prove who it is; `fingerprint` is of what it showed. */
export class Untrusted extends Error {
  readonly fingerprint: string | undefined

  constructor(message: string, fingerprint?: string) {
    super(message)
    this.fingerprint = fingerprint
  }
}

/** `AB:CD:…` of 64 hexadecimal digits with or without colons, as `pvenode cert info` shows them. */
export function parseFingerprint(text: string): string {
  const digits = typeof text === 'string' ? text.replaceAll(':', '').toUpperCase() : ''
  if (!/^[0-9A-F]{64}$/.test(digits)) throw invalid('tls.fingerprint', 'is not a SHA-256: 64 hexadecimal digits')
  return (digits.match(/../g) ?? []).join(':')
}

/**
 * How connections are made. No request is written before the certificate was accepted, and sessions are not resumed,
 * since a resumed one shows no certificate. HTTP/2 is off: it has no reason phrase, where older versions put the error.
 */
export function makeConnector(tls: TlsOptions, log: Log | undefined, timeout: number): buildConnector.connector {
  const { ca, fingerprint, servername, insecure } = tls
  if (insecure !== undefined && (ca !== undefined || fingerprint !== undefined)) {
    throw invalid('tls.insecure', 'makes no sense beside ca or fingerprint')
  }
  if (ca !== undefined) requireCertificates(ca)
  const pinned = fingerprint === undefined ? undefined : parseFingerprint(fingerprint)
  if (insecure) warn(log)
  const verified: buildConnector.BuildOptions = {
    ...(ca !== undefined && { ca }),
    ...(servername !== undefined && { servername }),
    // A pin without authority says who the server is by itself; its check is below.
    rejectUnauthorized: insecure !== true && (pinned === undefined || ca !== undefined),
    minVersion: 'TLSv1.2',
  }
  const connect = buildConnector({ ...verified, allowH2: false, maxCachedSessions: 0, timeout })
  return (options, done) => {
    connect(options, (error, socket) => {
      if (error !== null) return done(untrusted(error) ?? error, null)
      const shown = (socket as TLSSocket).getPeerCertificate?.()?.fingerprint256
      if (pinned !== undefined && shown !== pinned) {
        socket.destroy()
        return done(new Untrusted('the certificate is not the pinned one', shown), null)
      }
      return done(null, socket)
    })
  }
}

function requireCertificates(ca: string): void {
  try {
    new X509Certificate(ca)
  } catch (cause) {
    throw new ProxmoxError('PROXMOX_INPUT_INVALID', 'tls.ca: is not a certificate (PEM)', { field: 'tls.ca', cause })
  }
}

function warn(log: Log | undefined): void {
  const message = 'the certificate of Proxmox is not checked (tls.insecure): whoever is in between reads the API token'
  process.emitWarning(message, { code: 'PROXMOX_TLS_INSECURE', type: 'SecurityWarning' })
  log?.warn({ code: 'PROXMOX_TLS_INSECURE' }, message)
}

/** Codes of Node and OpenSSL for a certificate that was refused; everything else is a connection that failed. */
const refusals =
  /^(?:ERR_TLS_CERT_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|ERR_SSL_NO_PEER|CRL_|ERROR_IN_CERT)/

function untrusted(error: Error & { code?: string; cert?: unknown }): Untrusted | undefined {
  if (!refusals.test(error.code ?? '')) return undefined
  const shown = (error.cert as { fingerprint256?: string } | undefined)?.fingerprint256
  return new Untrusted(`${error.code}: ${error.message}`, shown)
}
