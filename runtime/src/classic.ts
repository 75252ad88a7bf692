import * as WebDNN from './index'

/** What a page written for WebDNN 1.x finds after `<script src="webdnn.js">`. */
Object.assign(globalThis, { WebDNN })
