import { verbGroup } from '../verb.ts'
import { check } from './check.ts'
import { diff } from './diff.ts'
import { install } from './install.ts'
import { render } from './render.ts'
import { uninstall } from './uninstall.ts'

/** `privexec policy`. */
export const policyVerbs = verbGroup('policy', 'Check, render, install and compare policies', [
  check,
  render,
  install,
  uninstall,
  diff,
] as never)
