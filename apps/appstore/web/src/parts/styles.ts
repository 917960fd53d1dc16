/**
 * A document for xterm.js, which writes style elements and attributes that the page's content security policy refuses.
 * Its style elements become constructed style sheets, and its style attributes are set property by property; the policy
 * allows both (CSP level 3, section 8.2).
 */
export function documentWithoutInlineStyles(): {
  readonly document: Document
  /** Does something for which the page's own document is that document: parts of xterm.js 6 take no other. */
  readonly during: (work: () => void) => void
  readonly dispose: () => void
} {
  const sheets: CSSStyleSheet[] = []
  const plain = Document.prototype.createElement.bind(document)
  const createElement = (name: string): HTMLElement => {
    if (name === 'style') return styleElement(plain('span'), sheets)
    const element = plain(name)
    const setAttribute = element.setAttribute.bind(element)
    element.setAttribute = (attribute, value) => {
      if (attribute === 'style') element.style.cssText = value
      else setAttribute(attribute, value)
    }
    return element
  }
  const override = new Proxy(document, {
    get: (target, key) => {
      if (key === 'createElement') return createElement
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
    set: (target, key, value) => Reflect.set(target, key, value, target),
  })
  return {
    document: override,
    during: work => {
      Object.defineProperty(document, 'createElement', { value: createElement, configurable: true })
      try {
        work()
      } finally {
        Reflect.deleteProperty(document, 'createElement')
      }
    },
    dispose: () => {
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter(sheet => !sheets.includes(sheet))
    },
  }
}

/** An element that shows nothing, whose text is a style sheet of the document. */
function styleElement(element: HTMLElement, sheets: CSSStyleSheet[]): HTMLElement {
  const sheet = new CSSStyleSheet()
  sheets.push(sheet)
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
  element.hidden = true
  const text = { get: () => '', set: (rules: string) => sheet.replaceSync(rules) }
  Object.defineProperties(element, { textContent: text, innerText: text, innerHTML: text, sheet: { value: sheet } })
  return element
}
