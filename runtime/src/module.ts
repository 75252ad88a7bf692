import { serve, setScript } from './worker'

/** What `import … from './webdnn.mjs'` gives. */
export * from './index'

setScript(import.meta.url, 'module')
serve()
