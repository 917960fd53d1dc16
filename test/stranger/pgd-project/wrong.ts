import { Pgd } from '@broker/pgd'

const pgd = await Pgd.open({ runtime: 'lxc' }) // wrong: there is no such runtime
await pgd.branches.create('demo/dev', { ttl: '2h' }) // wrong: milliseconds are a number
await pgd.branches.create('demo/dev', { at: new Date() }) // wrong: so are instants
await pgd.projects.import('demo', { kind: 'dump', path: 'x.dump' }) // wrong: a dump is a file
console.log((await pgd.branches.get('demo/dev')).password) // wrong: a view has no secret
await pgd.branches.reset('demo/dev', { parent: 'demo/main' }) // wrong: there is no such option
console.log((await pgd.branches.connection('demo/dev')).password)
