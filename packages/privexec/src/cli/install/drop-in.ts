import { readFile, rm } from 'node:fs/promises'
import { shown } from '../style.ts'
import { checkAll, checkFile } from '../sudo/visudo.ts'
import { failed, fileStep, replaceFile, rootOwned, statOf } from './node.ts'
import type { Step } from './step.ts'

/**
 * The drop-in: checked by visudo before it is put in place, and the whole configuration after it; when only that fails
 * (an alias that another file has too), what was there before is put back.
 */
export async function dropInStep(path: string, content: string): Promise<Step> {
  const step = await fileStep(path, content, rootOwned(0o440), 'rules of sudo')
  const { state } = step
  if (state === 'unchanged') return step
  const apply = async () => {
    const before = (await statOf(path)) === undefined ? undefined : await readFile(path, 'utf8')
    const wasSound = (await checkAll())?.ok
    await replaceFile(path, content, rootOwned(0o440), checkDraft)
    const whole = await checkAll()
    if (whole?.ok !== false || wasSound === false) return
    if (before === undefined) await rm(path)
    else await replaceFile(path, before, rootOwned(0o440))
    throw failed(`With ${path}, visudo refuses the rules of this machine: ${shown(whole.said, 400)}`)
  }
  return { ...step, apply }
}

async function checkDraft(draft: string): Promise<void> {
  const syntax = await checkFile(draft)
  if (syntax?.ok === false) throw failed(`visudo refuses the drop-in: ${shown(syntax.said, 400)}`)
}
