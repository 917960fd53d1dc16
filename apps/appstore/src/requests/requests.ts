import { z } from 'zod'
import { appId, inputs, nameOfInstall, network, resources, storageName } from './values.ts'

const consent = z
  .string()
  .regex(/^[a-f0-9]{64}$/)
  .describe('Hash of what the apps ask for, as their consent shows it')

/** One app of an install. */
const appRequest = z.strictObject({
  app: appId,
  /** Left out: the first source, by priority, that has the app. */
  source: z.string().max(63).optional(),
  inputs: inputs.optional(),
})

/** Installs an app, or several in one guest, in their order. */
export const installRequest = z
  .strictObject({
    name: nameOfInstall.optional(),
    apps: z.array(appRequest).min(1).max(20),
    consent: consent.optional(),
    template: z.string().max(255).optional().describe('Short name such as debian-12, or a volume id'),
    storage: storageName.optional(),
    resources: resources.optional(),
    network: network.optional(),
    /** By name of the volume, or `app/volume` where several apps are installed. */
    volumes: z
      .record(
        z.string().max(130),
        z.strictObject({ size: z.int().min(1).max(131_072), storage: storageName }).partial(),
      )
      .optional(),
    onboot: z.boolean().optional(),
    /** Leave the guest of a failed install as it is, to look at. */
    keepFailed: z.boolean().optional(),
  })
  .describe('What to install, and where')
export type InstallRequest = z.infer<typeof installRequest>

/** Changes an install in place: inputs that are reconfigurable, cores, memory, the root disk. */
export const reconfigureRequest = z
  .strictObject({
    inputs: z.record(appId, inputs).optional().describe('New values, by app'),
    resources: resources.optional().describe('The root disk only grows'),
    onboot: z.boolean().optional(),
  })
  .describe('What to change')
export type ReconfigureRequest = z.infer<typeof reconfigureRequest>

/** Grows a disk. */
export const resizeRequest = z.strictObject({
  volume: z.string().max(130).default('root').describe('`root`, or the name of a volume'),
  size: z.int().min(1).max(131_072).describe('New size in GiB; disks only grow'),
})
export type ResizeRequest = z.infer<typeof resizeRequest>

/** Brings the apps of an install to the versions of the catalog. */
export const upgradeRequest = z.strictObject({
  consent: consent.optional(),
  /** How to come back: a snapshot where the storage can, else a backup. */
  safety: z.enum(['auto', 'snapshot', 'backup']).default('auto'),
  backupStorage: storageName.optional(),
})
export type UpgradeRequest = z.infer<typeof upgradeRequest>

/** Removes an install. */
export const uninstallRequest = z.strictObject({
  keep: z
    .union([z.boolean(), z.array(z.string().max(130)).max(256)])
    .default(false)
    .describe('Volumes that are kept: all, none, or those named'),
})
export type UninstallRequest = z.infer<typeof uninstallRequest>

/** Takes a guest of the pool that the store did not make under its care. */
export const adoptRequest = z.strictObject({
  vmid: z.int().min(100).max(999_999_999),
  name: nameOfInstall.optional(),
  apps: z
    .array(z.strictObject({ app: appId, version: z.string().max(64) }))
    .max(20)
    .default([]),
})
export type AdoptRequest = z.infer<typeof adoptRequest>

/** The declared state: what is to be installed. Secrets are not in it; new installs take them from `secrets` of apply. */
export const declaration = z
  .strictObject({
    version: z.literal(1),
    installs: z.array(installRequest.omit({ consent: true, keepFailed: true }).required({ name: true })).max(1000),
  })
  .describe('Declared state of the store')
export type Declaration = z.infer<typeof declaration>
