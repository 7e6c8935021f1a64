import { render } from 'preact'
import { App } from './app.js'
import { settings } from './page.js'
import './styles/tokens.css'
import './styles/base.css'
import './styles/controls.css'
import './styles/notes.css'
import './styles/dialog.css'
import './styles/lists.css'
import './styles/form.css'
import './styles/views.css'

// The server sets both; so does this where the page is served without it.
if (settings.lang !== undefined) document.documentElement.lang = settings.lang
if (settings.dir !== undefined) document.documentElement.dir = settings.dir

const root = document.getElementById('page')
if (root !== null) render(<App />, root)
