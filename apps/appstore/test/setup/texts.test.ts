import t from 'tap'
import { unitText } from '../../src/setup/texts.ts'

t.test('the unit runs this program, and leaves no core file with secrets in it', async t => {
  const text = unitText('[Service]\nExecStart=/usr/bin/appstore\nUser=appstore\n', ['/usr/bin/node', '/opt/$&/main.js'])
  t.match(text, /^\[Service\]\n/)
  t.match(text, /^ExecStart=\/usr\/bin\/node \/opt\/\$&\/main\.js serve$/m)
  t.match(text, /^LimitCORE=0$/m)
  t.match(text, /\nUser=appstore\n$/)
})
