import DOMPurify from 'dompurify'
import { marked } from 'marked'
import { useMemo } from 'preact/hooks'

/** What may stand in a text of a stranger: no style, form, frame or picture from elsewhere. */
const allowed = {
  ALLOWED_TAGS: [
    ...['p', 'br', 'hr', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'blockquote', 'pre', 'code', 'em', 'strong'],
    ...['del', 'a', 'table', 'thead', 'tbody', 'tr', 'th', 'td'],
  ],
  ALLOWED_ATTR: ['href', 'title', 'start', 'align'],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:)/i,
}

/** Makes a text of a stranger safe to show. Headings are below those of the page. */
export function safeHtml(markdown: string): string {
  const html = marked.parse(markdown, { async: false, gfm: true })
  const fragment = DOMPurify.sanitize(
    html.replace(/<(\/?)h([1-4])>/g, (_, end, n) => `<${end}h${Number(n) + 2}>`),
    {
      ...allowed,
      RETURN_DOM_FRAGMENT: true,
    },
  )
  for (const anchor of fragment.querySelectorAll('a')) {
    anchor.rel = 'noopener noreferrer'
    anchor.target = '_blank'
  }
  for (const block of fragment.querySelectorAll('pre, table')) block.setAttribute('tabindex', '0')
  const holder = document.createElement('div')
  holder.append(fragment)
  return holder.innerHTML
}

/** A text in Markdown; DOMPurify made it safe. */
export function Markdown({ text }: { text: string }) {
  const html = useMemo(() => safeHtml(text), [text])
  return <div class="prose" dangerouslySetInnerHTML={{ __html: html }} />
}
