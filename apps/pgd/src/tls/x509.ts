type X509 = typeof import('@peculiar/x509')

const names = ['getMetadata', 'getOwnMetadata', 'defineMetadata'] as const

/**
 * Loads the library for certificates, about 100 ms. Its container for dependencies asks for metadata of decorators, of
 * which it has none, and refuses to load where nobody could answer. So there is somebody who answers "none" while it
 * loads; who uses this package together with real metadata must not be left with that.
 */
export async function loadX509(): Promise<X509> {
  const reflect = Reflect as unknown as Record<string, unknown>
  const own = names.filter(name => reflect[name] === undefined)
  for (const name of own) reflect[name] = () => undefined
  try {
    return await import('@peculiar/x509')
  } finally {
    for (const name of own) delete reflect[name]
  }
}
