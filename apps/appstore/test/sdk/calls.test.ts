import t from 'tap'
import { missing, runPython } from './support.ts'

t.test('the calls of the SDK do what they say, and nothing that is not declared', { skip: missing }, async t =>
  runPython(t, [
    'test_permissions',
    'test_shell',
    'test_files',
    'test_fetch',
    'test_services',
    'test_values',
    'test_shapes',
  ]),
)
