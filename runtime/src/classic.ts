import * as WebDNN from './index'
import { inWorker, setScript } from './script'
import { HELPER, help } from './threads'
import { WORKER, serve } from './worker'

/** What a page written for WebDNN 1.x finds after `<script src="webdnn.js">`. */
Object.assign(globalThis, { WebDNN })

const script = typeof document === 'undefined' ? undefined : document.currentScript
setScript(script && 'src' in script ? String(script.src) : inWorker(WORKER, HELPER) && location.href, 'classic')
serve()
help()
