import t from 'tap'
import { fileMode } from '../../src/argument/file-mode.ts'
import { checkWords } from '../support/words.ts'

t.test('a mode is four octal digits and gives nobody the rights of another', async t => {
  const legal = ['0644', '0000', '0777', '0600']
  const illegal = [
    '644',
    '0',
    '00644',
    '0648',
    '4755',
    '2755',
    '1777',
    '7777',
    '0o644',
    '0x1ff',
    'u+s',
    '064',
    '０６４４',
  ]
  checkWords(t, fileMode(), legal, illegal)
})
