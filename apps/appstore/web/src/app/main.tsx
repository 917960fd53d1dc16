import { render } from 'preact'
import '../style/base.css'
import '../style/parts.css'
import './theme.ts'
import { resume } from './session.ts'
import { Shell } from './shell.tsx'

const root = document.getElementById('app')
if (root !== null) render(<Shell />, root)
void resume()
