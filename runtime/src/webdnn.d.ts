/** Types of webdnn.mjs, and of the global `WebDNN` that webdnn.js defines. */
export as namespace WebDNN

/** Version of the runtime, the same as that of the toolchain that writes graph descriptors. */
export const version: string

export type BackendName = 'webgpu' | 'webgl' | 'webassembly'
export type TypedArray = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>
/** What a view of int64 or uint64 stands for where a model computes with all 64 bits, which WebAssembly can. */
export type BigArray = BigInt64Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>

/**
 * Where files come from.
 *
 * | strategy | descriptor | weights and code |
 * |---|---|---|
 * | `latest` | network, else cache | cache if its bytes are the ones that the descriptor means, else network |
 * | `networkFirst` | network, else cache | network, else cache |
 * | `cacheFirst` | cache, else network | cache, else network |
 * | `networkOnly` | network | network |
 * | `cacheOnly` | cache | cache |
 */
export type CacheStrategy = 'latest' | 'networkFirst' | 'cacheFirst' | 'networkOnly' | 'cacheOnly'

export interface LoadOptions {
  /**
   * which backends to try, in this order; default `['webgpu', 'webgl', 'webassembly']`. 'fallback' is skipped with a warning.
   *
   * 'fastest': the first visit loads the model on each of them, lets each do its self-test, and keeps the one that is right and
   * took the least time; later visits of the same browser begin with it.
   */
  backendOrder?: 'fastest' | BackendName | 'fallback' | readonly (BackendName | 'fallback')[]
  /** what a backend may not use, for tests above all */
  backendOptions?: BackendOptions
  /** whether WebAssembly runs in a worker, so that the page goes on while it computes; default false */
  worker?: boolean
  /**
   * how many threads WebAssembly may use, which the page must be isolated across origins for (COOP and COEP headers); default
   * as many as there are processors, but at most 4. Results do not depend on it.
   */
  threads?: number
  /** called while the weights come in, with bytes */
  progressCallback?: (loaded: number, total: number) => void
  /** ends the loading; `load` then throws the signal's reason */
  signal?: AbortSignal
  /** default `latest` */
  cacheStrategy?: CacheStrategy
  /** whether to keep the files for the next visit; default true */
  saveCache?: boolean
  /** of WebDNN before 1.2: the same as `cacheStrategy: 'networkOnly'`, and past the browser's own cache */
  ignoreCache?: boolean
  /** where the weight file (`.bin`) lies, if not beside the descriptor */
  weightDirectory?: string
  /** changes the address of every file before it is fetched */
  transformUrlDelegate?: (url: string) => string
}

export interface BackendOptions {
  /** greatest values of device limits by WebGPU's names; the only features that may be used */
  webgpu?: { limits?: Record<string, number>; features?: readonly string[] }
  /**
   * largest side of a texture; how many textures a shader may draw to at once; false: as if textures of floats could
   * not be drawn to; whether float16 is drawn to textures of 16 bits, by default where these keep all such numbers
   */
  webgl?: { maxTextureSize?: number; maxDrawBuffers?: number; floatRenderTargets?: boolean; halfRenderTargets?: boolean }
  /** false: as if the browser had none */
  webassembly?: { simd?: boolean; relaxedSimd?: boolean }
}

/** Loads a model on the first backend that browser and descriptor both have. */
export function load(directory: string, options?: LoadOptions): Promise<Runner>

/** A model that is ready to run. */
export interface Runner {
  readonly backendName: BackendName
  readonly inputs: readonly View[]
  readonly outputs: readonly View[]
  /** the same as `inputs`, as WebDNN 1.x calls it */
  getInputViews(): readonly View[]
  /** the same as `outputs`, as WebDNN 1.x calls it */
  getOutputViews(): readonly View[]
  /** Gives symbolic sizes values, from the next run on. */
  setPlaceholderValue(values: Readonly<Record<string, number>>): void
  /** Runs the model on what the inputs hold when its turn comes: runs that are asked for at once come one after the other. */
  run(): Promise<void>
  /** Runs the model on its golden inputs; the views keep what they hold. */
  selfTest(): Promise<SelfTestReport>
  /**
   * Ends when the files are where the next visit finds them, as far as the browser keeps any. They are put there after the first
   * run, or now.
   */
  saved(): Promise<void>
  /** Frees the device, after the run in progress. */
  dispose(): void
  readonly statistics: Statistics
}

/** Counts, since the model was loaded. */
export interface Statistics {
  readonly runs: number
  /** dispatches of WebGPU, draws of WebGL, calls of functions of WebAssembly */
  readonly kernels: number
  /** how often buffers were made for new sizes */
  readonly resizes: number
  /** how often a lost device was replaced */
  readonly recoveries: number
  /** how many threads of the processor have computed kernels; more than one only with WebAssembly, and as they start */
  readonly threads: number
}

/** What `selfTest()` found: the model's golden outputs next to those of this device. */
export interface SelfTestReport {
  readonly passed: boolean
  readonly backendName: string
  /** how long the run took, from the inputs to the outputs */
  readonly milliseconds: number
  /** how many numbers were compared */
  readonly compared: number
  /** the worst number, measured in its tolerance: above 1 it failed */
  readonly worst: { readonly output: string; readonly index: number; readonly expected: number; readonly actual: number; readonly error: number }
}

/** Numbers in some form: typed arrays, (nested) arrays, other views. */
export type Numbers = ArrayLike<number | bigint | boolean> | readonly Numbers[] | View

/**
 * An input or output of a model: an array whose length may depend on symbolic sizes. It has everything that `Float32Array`
 * has (or `Float64Array`, `Int32Array`, `Uint32Array`, as `dtype` says), and stands for the present array.
 *
 * int64 and uint64 are held in 32 bits, as `Int32Array` and `Uint32Array`, where the compiler has shown that this is enough;
 * else, on WebAssembly, in a `BigInt64Array` or `BigUint64Array`: `toActual<BigArray>()`. `set` takes numbers and bigints
 * for either, and refuses a bigint that does not fit.
 */
export interface View extends Omit<Float32Array<ArrayBuffer>, 'set'> {
  readonly name: string
  readonly dtype: string
  /** the extents; throws while symbolic sizes have no value */
  readonly shape: readonly number[]
  /**
   * Copies numbers into the array, from `offset` on. Without an offset the array stands for the whole tensor, so that its
   * length gives the symbolic sizes; `shape` gives them where there are several.
   */
  set(array: Numbers, offset?: number, shape?: readonly number[]): void
  /** The array itself, which stays the same until a symbolic size changes. A size without a value becomes 1. */
  toActual<T extends TypedArray | BigArray = TypedArray>(): T
}

/** Which backends the browser seems to have; whether a device stands behind them, only `load` finds out. */
export function getBackendAvailability(): { status: Record<BackendName | 'fallback', boolean>; defaultOrder: BackendName[] }

/** The settings of WebDNN 1.x that still mean something. */
export interface Configuration {
  /** log which backend was taken, and how long each run took */
  DEBUG: boolean
  /** largest side of WebGL's textures */
  MAX_TEXTURE_SIZE: number
}
export function getConfiguration<K extends keyof Configuration>(key: K, standard?: Configuration[K]): Configuration[K] | undefined
export function setConfiguration<K extends keyof Configuration>(key: K, value: Configuration[K]): void
/** of WebDNN before 1.2: the setting `DEBUG` */
export function isDebugMode(): boolean
/** of WebDNN before 1.2: the setting `DEBUG` */
export function setDebugMode(flag: boolean): void

/**
 * Why something did not work.
 *
 * | code | meaning |
 * |---|---|
 * | `OPTION` | an option or an argument that does not exist or has a wrong value |
 * | `NETWORK`, `HTTP` | a file could not be fetched; the server's answer was not 2xx |
 * | `NOT_CACHED` | `cacheStrategy: 'cacheOnly'` and the file is not in the cache |
 * | `TRUNCATED`, `HASH` | a file has another size, or other bytes, than its descriptor says |
 * | `DESCRIPTOR`, `FORMAT` | a descriptor that is broken; one of a format that this runtime does not know |
 * | `BACKEND_UNAVAILABLE` | the browser or the device lacks what the backend needs |
 * | `NO_BACKEND` | none of the backends that were asked for could be loaded; `causes` says why for each |
 * | `WRONG` | a backend that computes something else than the compiler did, with `backendOrder: 'fastest'` |
 * | `KERNEL` | a kernel could not be compiled or failed; `node` is its name |
 * | `MEMORY` | the device gave less memory than the model needs |
 * | `LOST` | the device was lost, and could not be had again |
 * | `PLACEHOLDER` | a symbolic size has no value, or one that does not fit |
 * | `INPUT` | an input of a wrong type or size |
 * | `NO_GOLDEN` | `selfTest()` of a descriptor that carries no golden vectors |
 * | `DISPOSED` | the runner was disposed of |
 * | `IMAGE` | an image that cannot be loaded or read |
 */
export type ErrorCode =
  | 'OPTION' | 'NETWORK' | 'HTTP' | 'NOT_CACHED' | 'TRUNCATED' | 'HASH' | 'DESCRIPTOR' | 'FORMAT'
  | 'BACKEND_UNAVAILABLE' | 'NO_BACKEND' | 'WRONG' | 'KERNEL' | 'MEMORY' | 'LOST' | 'PLACEHOLDER' | 'INPUT' | 'NO_GOLDEN'
  | 'DISPOSED' | 'IMAGE'

export class WebDNNError extends Error {
  readonly code: ErrorCode
  /** the kernel that it is about, where it is about one */
  readonly node: string | undefined
}
export class OptionError extends WebDNNError {}
export class DownloadError extends WebDNNError {}
export class DescriptorError extends WebDNNError {}
export class BackendError extends WebDNNError {
  /** for `NO_BACKEND`: what each backend failed with, in the order in which they were tried */
  readonly causes: readonly unknown[]
}
export class KernelError extends WebDNNError {}
export class InputError extends WebDNNError {}
export class ImageError extends WebDNNError {}

declare namespace ImageApi {
  const Color: { readonly RGB: 0; readonly BGR: 1; readonly GREY: 2; readonly RGBA: 3; readonly BGRA: 4 }
  type Color = (typeof Color)[keyof typeof Color]
  const Order: { readonly CHW: 0; readonly HWC: 1 }
  type Order = (typeof Order)[keyof typeof Order]

  /** A rectangle of the source becomes a rectangle of the result, resized by the browser. */
  interface Rectangles {
    /** left edge in the source; default 0 */
    srcX?: number
    /** top edge in the source; default 0 */
    srcY?: number
    /** width in the source; default: as far as it goes */
    srcW?: number
    /** height in the source; default: as far as it goes */
    srcH?: number
    /** left edge in the result; default 0 */
    dstX?: number
    /** top edge in the result; default 0 */
    dstY?: number
    /** width in the result; default: that in the source */
    dstW?: number
    /** height in the result; default: that in the source */
    dstH?: number
  }

  /** How colors become numbers: `(color - bias) / scale`, colors from 0 to 255. */
  interface Encoding {
    /** default `Color.RGB` */
    color?: Color
    /** default `Order.HWC` */
    order?: Order
    /** one number, or one for each channel in the order R, G, B, A whatever `color` says; default 0 */
    bias?: number | readonly number[]
    /** one number, or one for each channel in the order R, G, B, A whatever `color` says; default 1 */
    scale?: number | readonly number[]
  }

  interface ImageArrayOptions extends Rectangles, Encoding {
    /** default `Float32Array` */
    type?: Float32ArrayConstructor | Int32ArrayConstructor
  }

  type Canvas = HTMLCanvasElement | OffscreenCanvas
  type Drawable = Canvas | HTMLImageElement | HTMLVideoElement | ImageBitmap
  type ImageSource = string | Blob | HTMLInputElement | Drawable | ImageData

  /** The pixels of an image as an array of numbers; an address is loaded first. */
  function getImageArray(image: ImageSource, options?: ImageArrayOptions): Promise<Float32Array | Int32Array>
  function getImageArrayFromCanvas(canvas: Canvas, options?: ImageArrayOptions): Float32Array | Int32Array
  function getImageArrayFromDrawable(drawable: Drawable, options?: ImageArrayOptions): Float32Array | Int32Array
  function getImageArrayFromImageData(data: ImageData, options?: ImageArrayOptions): Float32Array | Int32Array
  /** Draws an array of numbers on a canvas: `color = number · scale + bias`, from 0 to 255. By default the image fills the canvas. */
  function setImageArrayToCanvas(array: ArrayLike<number>, width: number, height: number, canvas: Canvas, options?: Rectangles & Encoding): void
  function loadImageByUrl(url: string): Promise<HTMLImageElement>
  function loadImageFromFileInput(input: HTMLInputElement): Promise<HTMLImageElement>
  /** Opens the browser's dialog to choose a file; call it from a click. */
  function loadImageByDialog(): Promise<HTMLImageElement>
}
export { ImageApi as Image }

declare namespace MathApi {
  /** The indices of the `k` greatest numbers, greatest first; of equal ones the first comes first. */
  function argmax(numbers: ArrayLike<number>, k?: number): number[]
  /** The indices of the `k` smallest numbers, smallest first; of equal ones the first comes first. */
  function argmin(numbers: ArrayLike<number>, k?: number): number[]
}
export { MathApi as Math }
