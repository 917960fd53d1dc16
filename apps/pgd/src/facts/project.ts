import { readId } from '../names/id.ts'
import { readImage } from '../names/image.ts'
import { showInstant } from '../names/instant.ts'
import { isVersion } from '../names/version.ts'
import { parseFacts, renderFacts } from './codec.ts'
import { FactReader, known, moment, oneOf, whole } from './fields.ts'
import type { ProjectFacts } from './model.ts'

/** Facts of a project as text. */
export function renderProject({ id, created, runtime, image, version }: ProjectFacts): string {
  return renderFacts({ id, created: showInstant(created), runtime, image, version: String(version) })
}

/** Reads what {@link renderProject} wrote; undefined when the text is anything else. */
export function parseProject(text: string): ProjectFacts | undefined {
  const facts = parseFacts(text)
  if (facts === undefined) return undefined
  const reader = new FactReader(facts)
  return reader.end(
    known<ProjectFacts>({
      id: reader.required('id', readId),
      created: reader.required('created', moment),
      runtime: reader.required('runtime', oneOf('docker', 'process')),
      image: reader.optional('image', readImage),
      version: reader.required('version', version),
    }),
  )
}

function version(text: string): number | undefined {
  const value = whole(0, 99)(text)
  return value !== undefined && isVersion(value) ? value : undefined
}
