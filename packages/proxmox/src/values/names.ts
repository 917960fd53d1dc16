import { type Branded, textKind } from './branded.ts'

// Patterns are those of Proxmox's own formats (PVE::JSONSchema and the plug-ins of storage and access control).

export type NodeName = Branded<string, 'node'>
export type StorageId = Branded<string, 'storage'>
export type PoolId = Branded<string, 'pool'>
export type UserId = Branded<string, 'userid'>
export type TokenName = Branded<string, 'tokenid'>
export type FullTokenId = Branded<string, 'token id'>
export type RoleId = Branded<string, 'roleid'>
export type SnapshotName = Branded<string, 'snapname'>
export type OptionName = Branded<string, 'option'>
export type Tag = Branded<string, 'tag'>
export type Digest = Branded<string, 'digest'>
export type AclPath = Branded<string, 'path'>
export type Privilege = Branded<string, 'privilege'>

const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?'

/** Name of a node: one label of a host name. */
export const nodeName = textKind('node', new RegExp(label), 'a node name', 63)

/** Id of a storage. */
export const storageId = textKind('storage', /[a-zA-Z][a-zA-Z0-9._-]*[a-zA-Z0-9]/, 'a storage id', 100)

/** Id of a pool; up to three levels by `/` since Proxmox 8.1. */
export const poolId = textKind('pool', /[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+){0,2}/, 'a pool id', 100)

/** `name@realm`, at most 64 characters. */
export const userId = textKind(
  'userid',
  /[^\s:/!@]+(?:@[^\s:/!@]+)*@[A-Za-z][A-Za-z0-9._-]+/,
  'a user (name@realm)',
  64,
)

/** Name of a token, without its user. */
export const tokenName = textKind('tokenid', /[A-Za-z][A-Za-z0-9._-]+/, 'a token name', 64)

/** `user@realm!name`. */
export const fullTokenId = textKind(
  'token id',
  /[^\s:/!@]+(?:@[^\s:/!@]+)*@[A-Za-z][A-Za-z0-9._-]+![A-Za-z][A-Za-z0-9._-]+/,
  'a token id (user@realm!name)',
  129,
)

export const roleId = textKind('roleid', /[A-Za-z0-9._-]+/, 'a role name', 64)

/** Name of a snapshot, 2 to 40 characters; `current` stands for the guest as it is. */
export const snapshotName = textKind('snapname', /[A-Za-z][A-Za-z0-9_-]+/, 'a snapshot name', 40)

/** Name of a configuration option, such as `mp0` or `hostname`. */
export const optionName = textKind('option', /[A-Za-z][A-Za-z0-9_-]+/, 'the name of an option', 64)

/** One tag of a guest. */
export const tag = textKind('tag', /[A-Za-z0-9_][A-Za-z0-9_+.-]*/, 'a tag', 100)

/** Digest of a configuration as it was read. */
export const digest = textKind('digest', /[0-9a-fA-F]{1,40}/, 'a digest', 40)

/** Path of the access control: `/`, `/pool/NAME`, `/vms/104`, `/storage/NAME`. */
export const aclPath = textKind('path', /\/|(?:\/[A-Za-z0-9._@:!-]+)+/, 'a path of the access control', 255)

export const privilege = textKind('privilege', /[A-Za-z]+(?:\.[A-Za-z]+)+/, 'a privilege', 64)

/** Host name of a guest: labels with dots, at most 255 characters. */
export const dnsName = textKind('hostname', new RegExp(`${label}(?:\\.${label})*`), 'a DNS name', 255)

/** What can grow, and what can be moved. */
export const diskName = textKind('disk', /rootfs|mp(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])/, 'rootfs or mp0 to mp255')
export const slotName = textKind(
  'volume',
  /rootfs|(?:mp|unused)(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])/,
  'rootfs, mp0 to mp255, or unused0 to unused255',
)

/** Time zone of a guest: `Europe/Vienna`, or `host`. */
export const timezone = textKind('timezone', /[A-Za-z0-9_+-]+(?:\/[A-Za-z0-9_+-]+)*/, 'a time zone', 100)

/** Name of a bridge or network interface, as `net0` takes it. */
export const bridgeName = textKind('bridge', /[A-Za-z0-9._-]+/, 'the name of a bridge', 40)
