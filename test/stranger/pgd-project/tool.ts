import { type BranchView, isPgdError, Pgd } from '@broker/pgd'

const pgd = await Pgd.open()
const names = await pgd.branches.use('demo/work', { ttl: 60_000 }, async (branch: BranchView, { url }) => {
  const { hostname, searchParams } = new URL(url)
  return [branch.name, branch.parent, hostname, searchParams.get('sslmode')]
})
const refused: unknown = await pgd.branches.get('demo/work').catch((error: unknown) => error)
const left = (await pgd.branches.list()).map(({ name }) => name)
console.log(JSON.stringify({ names, refused: isPgdError(refused) && refused.code, left, node: process.versions.node }))
