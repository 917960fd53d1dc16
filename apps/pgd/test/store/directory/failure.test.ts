import t from 'tap'
import { onFiles } from '../../../src/store/directory/failure.ts'

t.test('a quota that is used up is no space, though Node has no name for it', async t => {
  const errno = -122
  const words = `Unknown system error ${errno}: Unknown system error ${errno}, unlink '/x'`
  const cause = Object.assign(new Error(words), { errno, code: `Unknown system error ${errno}`, syscall: 'unlink' })
  await t.rejects(
    onFiles('Removing x', () => Promise.reject(cause)),
    {
      ...{ code: 'PGD_NO_SPACE', cause },
      message: /^Removing x failed: .*EDQUOT: disk quota exceeded, unlink/,
    },
  )
  await t.rejects(
    onFiles('Removing x', () => Promise.reject(Object.assign(new Error('no'), { code: 'EROFS' }))),
    {
      code: 'PGD_REFUSED',
    },
  )
})
