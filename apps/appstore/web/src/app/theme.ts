import { effect, signal } from '@preact/signals'

export type Theme = 'auto' | 'light' | 'dark'
const key = 'appstore.theme'
const known: readonly string[] = ['auto', 'light', 'dark']

const stored = (): Theme => {
  const value = localStorage.getItem(key)
  return known.includes(value ?? '') ? (value as Theme) : 'auto'
}

/** Colours of the page; `auto` follows the device. */
export const theme = signal<Theme>(stored())

effect(() => {
  localStorage.setItem(key, theme.value)
  document.documentElement.dataset.theme = theme.value
})
