import t from 'tap'
import { userProperty } from '../../src/argument/user-property.ts'
import { checkWords } from '../support/words.ts'

t.test('a user property is one of those named, with a value that nothing reads as syntax', async t => {
  const longest = `pgd:volume=a${'b'.repeat(1020)}`
  const legal = ['pgd:volume=id=a,port=5433,label=A_b.c:d+e/f@g-h', 'pgd:snapshot=a', longest]
  const illegal = [
    ...[
      'pgd:project=a',
      'mountpoint=/etc',
      'canmount=on',
      'pgd:volume',
      'pgd:volume=',
      'pgd:volume=1',
      'pgd:volume=-a',
    ],
    ...['pgd:volume=a b', 'pgd:volume=a\tb', 'pgd:volume=a\nb', 'pgd:volume=a%b', `${longest}c`, ' pgd:volume=a'],
  ]
  checkWords(t, userProperty('pgd:volume', 'pgd:snapshot'), legal, illegal)
})
