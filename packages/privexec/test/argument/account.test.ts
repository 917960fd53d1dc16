import t from 'tap'
import { account } from '../../src/argument/account.ts'
import { checkWords } from '../support/words.ts'

t.test('an account is a name as useradd takes it, or a number', async t => {
  const legal = ['root', 'a', '_a', 'www-data', `a${'b'.repeat(31)}`, '0', '1', '999999999', 'a-', 'a_9', '_']
  const illegal = [
    'Root',
    '1a',
    '-a',
    'a.b',
    'a$',
    `a${'b'.repeat(32)}`,
    '00',
    '01',
    '1000000000',
    '-1',
    '+1',
    'a:b',
    'a,b',
    '@a',
  ]
  checkWords(t, account(), legal, illegal)
})
