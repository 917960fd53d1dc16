import t from 'tap'
import { catalogue } from '../../src/catalogue/index.ts'
import type { Command } from '../../src/command/command.ts'
import { contentField, slotsOf } from '../../src/command/slots.ts'

t.test('of the catalogue only pct.push takes content, in its template and for a policy alike', async t => {
  for (const command of catalogue as unknown as readonly Command[]) {
    const field = command.id === 'pct.push' ? 'content' : undefined
    t.equal(contentField(command.argv), field, command.id)
    t.equal(contentField(slotsOf(command, 'name', (_field, type) => type)), field, command.id)
  }
})
