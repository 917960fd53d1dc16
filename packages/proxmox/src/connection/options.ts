import type { Secret } from '../values/secret.ts'

/** How the server proves who it is. `ca` and `fingerprint` together must both hold. */
export interface TlsOptions {
  /**
   * Certificates (PEM) of which one must have issued the server's; on a node they are in /etc/pve/pve-root-ca.pem.
   * Without this and `fingerprint`, the authorities that Node knows count. The name in the URL is checked.
   */
  readonly ca?: string | undefined
  /** SHA-256 of the server's own certificate, 64 hexadecimal digits, colons or not. Name and issuer do not matter then. */
  readonly fingerprint?: string | undefined
  /** Name to expect in the certificate, where the URL has another. */
  readonly servername?: string | undefined
  /** Takes any certificate: whoever is in between reads the token. A warning is emitted. */
  readonly insecure?: true | undefined
}

/** API token: its id and its secret, or one file with `user@realm!name=secret` (or the secret only, beside `id`). */
export type TokenOptions =
  | { readonly id: string; readonly secret: string | Secret }
  | { readonly file: string; readonly id?: string | undefined }

/** What a pino logger has; fields never hold parameters or the token. */
export interface Log {
  debug(fields: object, message: string): void
  warn(fields: object, message: string): void
}

/** How often and how fast lost reads are repeated. Changes are never repeated once they may have reached Proxmox. */
export interface RetryOptions {
  /** Tries in all, 1 to 20; default 4. */
  readonly tries?: number | undefined
  /** Milliseconds before the second try, doubled with each; default 100. */
  readonly first?: number | undefined
  /** Longest wait in milliseconds; default 2000. */
  readonly longest?: number | undefined
}

export interface ConnectOptions {
  /** `https://HOST:PORT`; port 8006 is the default. */
  readonly url: string
  readonly token: TokenOptions
  readonly tls?: TlsOptions | undefined
  /** Node that requests without a node are for; default: the one that answers. */
  readonly node?: string | undefined
  readonly log?: Log | undefined
  /** Milliseconds for one try, from the first byte sent to the last one read; default 40 000: pveproxy's own is 30 000. */
  readonly timeout?: number | undefined
  readonly retry?: RetryOptions | undefined
  /** Connections at once, default 8; requests beyond wait. */
  readonly connections?: number | undefined
}
