import { setScript } from './script'
import { help } from './threads'
import { serve } from './worker'

/** What `import … from './webdnn.mjs'` gives. */
export * from './index'

setScript(import.meta.url, 'module')
serve()
help()
