import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'

/** The heading of a view; it gets the focus when the view is opened, and names the window. */
export function Title({ children }: { children: ComponentChildren }) {
  const text = [children].flat().join('')
  useEffect(() => {
    document.title = `${text} · App store`
  }, [text])
  return <h1 tabIndex={-1}>{children}</h1>
}
