import { FitAddon } from '@xterm/addon-fit'
import { Terminal } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'
import { documentWithoutInlineStyles } from './styles.ts'

/**
 * Shows a terminal in the element, over a WebSocket.
 * @returns ends both
 */
export function openScreen(
  element: HTMLElement,
  urlOf: (columns: number, rows: number) => string,
  tell: (message: string) => void,
): () => void {
  const styles = documentWithoutInlineStyles()
  const terminal = new Terminal({
    documentOverride: styles.document,
    screenReaderMode: true,
    cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    fontSize: 14,
  })
  const fit = new FitAddon()
  terminal.loadAddon(fit)
  styles.during(() => terminal.open(element))
  fit.fit()
  const socket = new WebSocket(urlOf(terminal.cols, terminal.rows))
  socket.binaryType = 'arraybuffer'
  const text = new TextEncoder()
  terminal.onData(data => {
    if (socket.readyState === WebSocket.OPEN) socket.send(text.encode(data))
  })
  terminal.onResize(({ cols: columns, rows }) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ columns, rows }))
  })
  // Tab belongs to the shell, so there is another way out for who has only a keyboard.
  terminal.attachCustomKeyEventHandler(event => {
    if (!(event.key === 'Escape' && event.ctrlKey && event.shiftKey)) return true
    element.closest('section')?.querySelector('button')?.focus()
    return false
  })
  socket.onopen = () => {
    tell('Connected')
    terminal.focus()
  }
  socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => terminal.write(new Uint8Array(data))
  socket.onclose = ({ reason }) => tell(reason || 'The terminal has ended')
  const observer = new ResizeObserver(() => fit.fit())
  observer.observe(element)
  return () => {
    observer.disconnect()
    socket.onclose = null
    socket.close()
    terminal.dispose()
    styles.dispose()
  }
}
