import * as WebDNN from './index'
import { serve, setScript } from './worker'

/** What a page written for WebDNN 1.x finds after `<script src="webdnn.js">`. */
Object.assign(globalThis, { WebDNN })

const script = typeof document === 'undefined' ? undefined : document.currentScript
setScript(script && 'src' in script ? String(script.src) : undefined, 'classic')
serve()
