import type { BackendName } from './descriptor'
import * as ImageApi from './image'
import * as MathApi from './math'
import { BACKENDS } from './options'

/** Version of the runtime, the same as that of the toolchain that writes graph descriptors. */
export const version = '0.1.0'

export { load } from './choose'
export { getConfiguration, isDebugMode, setConfiguration, setDebugMode } from './configuration'
export { BackendError, DescriptorError, DownloadError, ImageError, InputError, KernelError, OptionError, WebDNNError } from './errors'
export type { ErrorCode } from './errors'
export type { BackendOptions } from './backend'
export type { Configuration } from './configuration'
export type { CacheStrategy } from './download'
export type { LoadOptions } from './options'
export type { Runner, Statistics } from './runner'
export type { SelfTestReport } from './selftest'
export type { Numbers, View } from './views'
export type { BackendName }
export { ImageApi as Image, MathApi as Math }

/**
 * {@return which backends the browser seems to have, as WebDNN 1.x tells it}; whether a device stands behind them, only
 * `load` finds out. `fallback` is there no more.
 */
export function getBackendAvailability(): { status: Record<BackendName | 'fallback', boolean>; defaultOrder: BackendName[] } {
  const status = {
    webgpu: typeof navigator !== 'undefined' && !!navigator.gpu,
    webgl: typeof WebGL2RenderingContext !== 'undefined',
    webassembly: typeof WebAssembly !== 'undefined',
    fallback: false,
  }
  return { status, defaultOrder: BACKENDS.filter(name => status[name]) }
}
