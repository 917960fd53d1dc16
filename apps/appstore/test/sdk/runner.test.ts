import t from 'tap'
import { missing, runPython } from './support.ts'

t.test('the runner of an action keeps its promises', { skip: missing }, async t => runPython(t, ['test_runner']))
