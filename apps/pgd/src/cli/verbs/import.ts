import { readFile } from 'node:fs/promises'
import { escapeValue } from '@broker/privexec/escape'
import { PgdError } from '../../errors/error.ts'
import { parseVersion } from '../../names/version.ts'
import type { ImportSource } from '../../operations/import.ts'
import { usage } from '../failure.ts'
import { verb as make } from '../verb.ts'
import { projectText } from '../view.ts'

/** `pgd import`. */
export const verb = make({
  command: 'import <project>',
  describe: 'Make a project from a server, a dump or a data directory',
  builder: yargs =>
    yargs
      .positional('project', { type: 'string', demandOption: true, describe: 'Name of the new project' })
      .option('from-server', {
        type: 'string',
        requiresArg: true,
        describe: 'URL of a running server, without password',
      })
      .option('password-file', { type: 'string', requiresArg: true, describe: 'File with the password for it' })
      .option('from-dump', { type: 'string', requiresArg: true, describe: 'File of pg_dump or pg_dumpall' })
      .option('from-directory', { type: 'string', requiresArg: true, describe: 'Data directory of a stopped server' })
      .option('image', { type: 'string', requiresArg: true, describe: 'Image of its containers' })
      .option('pg-version', { type: 'string', requiresArg: true, describe: 'Major version of PostgreSQL' })
      .example('$0 import shop --from-dump shop.dump', '')
      .example('$0 import shop --from-server postgresql://me@db.example/shop --password-file pw', ''),
  run: async (pgd, args, options) => {
    const source = await sourceOf(args)
    const project = await pgd.projects.import(args.project, source, {
      ...options,
      ...(args.image === undefined ? {} : { image: args.image }),
      ...(args['pg-version'] === undefined ? {} : { version: parseVersion(args['pg-version'], 'pg-version') }),
      ...(args.runtime === undefined ? {} : { runtime: args.runtime }),
    })
    return { data: { project }, text: projectText(project) }
  },
})

interface Sources {
  readonly 'from-server'?: string | undefined
  readonly 'password-file'?: string | undefined
  readonly 'from-dump'?: string | undefined
  readonly 'from-directory'?: string | undefined
}

async function sourceOf(args: Sources): Promise<ImportSource> {
  const { 'from-server': url, 'from-dump': file, 'from-directory': path, 'password-file': secret } = args
  if ([url, file, path].filter(word => word !== undefined).length !== 1) {
    throw usage('One of --from-server, --from-dump and --from-directory is needed')
  }
  if (file !== undefined) return { kind: 'dump', file }
  if (path !== undefined) return { kind: 'directory', path }
  if (url === undefined) throw usage('--from-server is needed')
  if (URL.canParse(url) && new URL(url).password !== '') {
    throw usage('A password on the command line can be seen by everybody: give --password-file', 'from-server')
  }
  return { kind: 'server', url, ...(secret === undefined ? {} : { password: await passwordOf(secret) }) }
}

async function passwordOf(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '')
  } catch (cause) {
    const message = `The file ${escapeValue(file)} cannot be read`
    throw new PgdError('PGD_INPUT_INVALID', message, { field: 'password-file', cause })
  }
}
