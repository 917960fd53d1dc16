import { type Tag, tag } from './names.ts'

/** Tags of a guest, as Proxmox lists them: by `;`, and older entries by comma or blank. What is no tag is left out. */
export function parseTags(text: string): Tag[] {
  const tags: Tag[] = []
  for (const part of text.split(/[;,\s\0]+/)) {
    try {
      tags.push(tag(part))
    } catch {
      // Written by hand into the configuration.
    }
  }
  return tags
}

/** Writes tags; the empty list takes all of them away. */
export const printTags = (tags: readonly string[], field = 'tags'): string =>
  tags.map((text, at) => tag(text, `${field}[${at}]`)).join(';')
