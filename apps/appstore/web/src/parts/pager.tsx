/** Where the pages that were turned to begin; undefined is the newest one. */
export type Pages = readonly (string | undefined)[]

/** Turns the pages of a list that has its newest entries first. */
export function Pager({
  pages,
  next,
  onPages,
}: {
  readonly pages: Pages
  readonly next: string | undefined
  readonly onPages: (pages: Pages) => void
}) {
  return (
    <p class="row">
      {pages.length > 1 && (
        <button type="button" onClick={() => onPages(pages.slice(0, -1))}>
          Newer
        </button>
      )}
      {next !== undefined && (
        <button type="button" onClick={() => onPages([...pages, next])}>
          Older
        </button>
      )}
    </p>
  )
}
