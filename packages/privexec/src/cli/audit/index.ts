import { verbGroup } from '../verb.ts'
import { checkpoint } from './checkpoint.ts'
import { follow } from './follow.ts'
import { reconcileVerb } from './reconcile.ts'
import { show } from './show.ts'
import { verify } from './verify.ts'

/** `privexec audit`. */
export const auditVerbs = verbGroup('audit', 'Verify, show and compare audit files', [
  verify,
  show,
  follow,
  reconcileVerb,
  checkpoint,
] as never)
