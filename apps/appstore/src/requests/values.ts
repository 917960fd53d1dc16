import { z } from 'zod'

const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const ipv4 = `${octet}(?:\\.${octet}){3}`

/** A host name of one label, which is also the name of an install: RFC 1123, small letters. */
export const nameOfInstall = z
  .string()
  .regex(
    /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    'must be 1 to 63 small letters, digits and hyphens, beginning with a letter',
  )
  .describe('Name of the install, and host name of its guest')

/** Id of an app in a catalog. */
export const appId = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'must be groups of small letters and digits, joined by hyphens')
  .describe('App of the catalog')

/** Name of a storage, as Proxmox limits it. */
export const storageName = z
  .string()
  .max(100)
  .regex(/^[A-Za-z][A-Za-z0-9._-]*[A-Za-z0-9]$/, 'must be the name of a storage')
  .describe('Storage of Proxmox')

const bridgeName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_.-]{0,14}$/, 'must be the name of a bridge or VNet, at most 15 characters')
  .describe('Bridge or VNet')

const address4 = z
  .string()
  .regex(
    new RegExp(`^(?:dhcp|none|${ipv4}/(?:[1-9]|[12]\\d|3[0-2]))$`),
    'must be dhcp, none, or an address with /prefix',
  )
  .describe('dhcp, none, or an address with /prefix')

const address6 = z
  .union([z.enum(['dhcp', 'auto', 'none']), z.cidrv6()])
  .describe('dhcp, auto, none, or an address with /prefix')

/** CPU cores, 1 to 8192; memory in MiB, from 64; disk in GiB, from 1. */
export const resources = z
  .strictObject({
    cores: z.int().min(1).max(8192).describe('CPU cores'),
    memory: z.int().min(64).max(16_777_216).describe('Memory in MiB'),
    disk: z.int().min(1).max(131_072).describe('Root disk in GiB'),
  })
  .partial()
  .describe('Resources; what is left out is as the manifest says')

/** How the guest is on the network; what is left out is as the configuration says. */
export const network = z
  .strictObject({
    bridge: bridgeName,
    ipv4: address4,
    gateway4: z.ipv4().describe('Router; needs an address in ipv4'),
    ipv6: address6,
    gateway6: z.ipv6().describe('Router; needs an address in ipv6'),
    vlan: z.int().min(1).max(4094).describe('VLAN tag'),
    mtu: z.int().min(576).max(65_535).describe('Largest packet in bytes'),
    firewall: z.boolean().describe("Whether Proxmox's firewall holds for the guest"),
    mac: z.string().regex(/^[0-9A-Fa-f][02468ACEace](?::[0-9A-Fa-f]{2}){5}$/, 'must be a unicast MAC address'),
    nameserver: z.union([z.ipv4(), z.ipv6()]),
  })
  .partial()
  .superRefine((value, context) => {
    if (value.gateway4 !== undefined && !/\//.test(value.ipv4 ?? '')) {
      context.addIssue({ code: 'custom', path: ['gateway4'], message: 'needs an ipv4 address' })
    }
    if (value.gateway6 !== undefined && !/\//.test(value.ipv6 ?? '')) {
      context.addIssue({ code: 'custom', path: ['gateway6'], message: 'needs an ipv6 address' })
    }
  })
  .describe('Network of the guest')

/** Values of an app's inputs; what they must be is the manifest's to say. */
export const inputs = z
  .record(z.string().max(100), z.union([z.string().max(65_536), z.number(), z.boolean()]))
  .describe("Values of the app's inputs, secrets too")
