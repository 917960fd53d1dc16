import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A host made of plain directories below one: nothing in it is privileged, and none of it is isolated. */
export interface EmbeddedHost {
  readonly directory: string
  /** Maps an absolute path of the pretended host, without `..`, to where it lies. */
  readonly path: (absolute: string) => string
  /** The directory that stands for the root of a container; undefined when there is no such container. */
  readonly container: (vmid: string) => string | undefined
  /** The directory that holds what is in a dataset; undefined when there is no such dataset. */
  readonly dataset: (name: string) => string | undefined
  /** Where a dataset is mounted. */
  readonly mountOf: (name: string) => string | undefined
  readonly mount: (name: string) => void
  readonly unmount: (name: string) => void
}

/** Makes the same objects as the throwaway host has: containers 20001 and 104, a dataset for alice, and another. */
export function makeEmbeddedHost(directory: string): EmbeddedHost {
  const path = (absolute: string): string => join(directory, 'root', absolute)
  const ifThere = (place: string): string | undefined => (existsSync(place) ? place : undefined)
  const container = (vmid: string) => ifThere(join(directory, 'containers', vmid))
  const dataset = (name: string) => ifThere(join(directory, 'pool', name, '.dataset'))
  for (const vmid of ['20001', '104']) {
    const root = join(directory, 'containers', vmid)
    for (const folder of ['etc', 'root', 'tmp']) mkdirSync(join(root, folder), { recursive: true })
    writeFileSync(join(root, 'etc/hostname'), `ct${vmid}\n`)
  }
  for (const name of ['tank/pgd/databases/shop/main', 'tank/other']) {
    mkdirSync(join(directory, 'pool', name, '.dataset'), { recursive: true })
  }
  return {
    directory,
    path,
    container,
    dataset,
    mountOf: name => (existsSync(path(`/${name}`)) ? `/${name}` : undefined),
    mount: name => {
      const source = dataset(name)
      if (source === undefined) throw new Error('no such dataset')
      mkdirSync(dirname(path(`/${name}`)), { recursive: true })
      // A junction is what Windows lets everybody make; elsewhere the word is ignored.
      symlinkSync(source, path(`/${name}`), 'junction')
    },
    unmount: name => rmSync(path(`/${name}`)),
  }
}
