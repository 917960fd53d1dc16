import { signal } from '@preact/signals'

/** Last thing that was done, for everybody who does not see it; a live region reads it out. */
export const notice = signal('')

let timer: ReturnType<typeof setTimeout> | undefined

/** Shows a short message for a while. */
export function tell(text: string): void {
  notice.value = text
  clearTimeout(timer)
  timer = setTimeout(() => {
    notice.value = ''
  }, 8000)
}
