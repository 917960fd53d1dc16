type X509 = typeof import('@peculiar/x509')

const names = ['getMetadata', 'getOwnMetadata', 'defineMetadata'] as const

/**
 * Loads the library for certificates. It refuses to load where nobody answers for metadata of decorators, of which it has
 * none: while it loads, somebody answers "none".
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
