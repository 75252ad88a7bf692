import { ImageError, OptionError, reason } from './errors'

/** Which channels an array holds, in which order. */
export const Color = { RGB: 0, BGR: 1, GREY: 2, RGBA: 3, BGRA: 4 } as const
export type Color = (typeof Color)[keyof typeof Color]

/** Which index of an array runs fastest: the column, or the channel. */
export const Order = { CHW: 0, HWC: 1 } as const
export type Order = (typeof Order)[keyof typeof Order]

/** A rectangle of the source becomes a rectangle of the result, resized by the browser. */
export interface Rectangles {
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
export interface Encoding {
  /** default `Color.RGB` */
  color?: Color
  /** default `Order.HWC` */
  order?: Order
  /** one number, or one for each channel in the order R, G, B, A whatever `color` says; default 0 */
  bias?: number | readonly number[]
  /** one number, or one for each channel in the order R, G, B, A whatever `color` says; default 1 */
  scale?: number | readonly number[]
}

export interface ImageArrayOptions extends Rectangles, Encoding {
  /** default `Float32Array` */
  type?: Float32ArrayConstructor | Int32ArrayConstructor
}

type Canvas = HTMLCanvasElement | OffscreenCanvas
type Drawable = Canvas | HTMLImageElement | HTMLVideoElement | ImageBitmap
export type ImageSource = string | Blob | HTMLInputElement | Drawable | ImageData
type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D

const RED = 0, GREEN = 1, BLUE = 2, ALPHA = 3
/** The channels of a pixel of ImageData that make up one of the array. */
const CHANNELS: Record<Color, readonly number[]> = {
  [Color.RGB]: [RED, GREEN, BLUE],
  [Color.BGR]: [BLUE, GREEN, RED],
  [Color.GREY]: [RED],
  [Color.RGBA]: [RED, GREEN, BLUE, ALPHA],
  [Color.BGRA]: [BLUE, GREEN, RED, ALPHA],
}
/** Luminance of linear sRGB primaries (ITU-R BT.709); the weights sum to 1. */
const LUMINANCE = [0.2126, 0.7152, 0.0722] as const

/** {@return the pixels of an image as an array of numbers}; the image may have to be loaded first. */
export async function getImageArray(image: ImageSource, options: ImageArrayOptions = {}): Promise<Float32Array | Int32Array> {
  if (typeof image === 'string') return getImageArrayFromDrawable(await loadImageByUrl(image), options)
  if (is(image, 'HTMLInputElement')) return getImageArrayFromDrawable(await loadImageFromFileInput(image), options)
  if (image instanceof Blob) return getImageArrayFromDrawable(await loadBlob(image), options)
  if (is(image, 'ImageData')) return getImageArrayFromImageData(image, options)
  if (isCanvas(image)) return getImageArrayFromCanvas(image, options)
  return getImageArrayFromDrawable(image, options)
}

/** {@return the pixels of a canvas as an array of numbers} */
export function getImageArrayFromCanvas(canvas: Canvas, options: ImageArrayOptions = {}): Float32Array | Int32Array {
  return getImageArrayFromDrawable(canvas, options)
}

/** {@return the pixels of an image, video, canvas or bitmap as an array of numbers} */
export function getImageArrayFromDrawable(drawable: Drawable, options: ImageArrayOptions = {}): Float32Array | Int32Array {
  return encode(pixels(drawable, sizeOf(drawable), options), options)
}

/** {@return pixels as an array of numbers} */
export function getImageArrayFromImageData(data: ImageData, options: ImageArrayOptions = {}): Float32Array | Int32Array {
  const whole = { width: data.width, height: data.height }
  const { srcX, srcY, srcW, srcH, dstX, dstY, dstW, dstH } = rectangles(whole, options)
  const isWhole = !srcX && !srcY && !dstX && !dstY && srcW === whole.width && srcH === whole.height && dstW === srcW && dstH === srcH
  if (isWhole) return encode(data, options) // exact, also where alpha is less than 255
  return encode(pixels(canvasOf(data), whole, options), options)
}

function encode({ data, width, height }: ImageData, { type = Float32Array, color = Color.RGB, order = Order.HWC, bias = 0, scale = 1 }: ImageArrayOptions): Float32Array | Int32Array {
  const channels = channelsOf(color)
  if (type !== Float32Array && type !== Int32Array) throw new OptionError('OPTION', 'image: type: expected Float32Array or Int32Array')
  const b = perChannel('bias', bias)
  const s = perChannel('scale', scale)
  const count = channels.length
  const area = width * height
  const result = new type(area * count)
  const [pixelStride, channelStride] = strides(order, count, area)
  const value = (at: number, channel: number) => (data[at + channel]! - b[channel]!) / s[channel]!
  for (let p = 0; p < area; p++) {
    if (color === Color.GREY) {
      result[p] = LUMINANCE[0] * value(p * 4, RED) + LUMINANCE[1] * value(p * 4, GREEN) + LUMINANCE[2] * value(p * 4, BLUE)
    } else {
      for (let c = 0; c < count; c++) result[p * pixelStride + c * channelStride] = value(p * 4, channels[c]!)
    }
  }
  return result
}

/**
 * Draws an array of numbers on a canvas: the reverse of `getImageArray`, `color = number · scale + bias`, from 0 to 255.
 * A channel that the array has not is 255 (alpha) or the grey value. By default the image fills the canvas.
 */
export function setImageArrayToCanvas(array: ArrayLike<number>, width: number, height: number, canvas: Canvas, options: Rectangles & Encoding = {}): void {
  const { color = Color.RGB, order = Order.HWC, bias = 0, scale = 1 } = options
  const channels = channelsOf(color)
  const b = perChannel('bias', bias)
  const s = perChannel('scale', scale)
  const count = channels.length
  const area = width * height
  if (array.length !== area * count) throw new OptionError('OPTION', `image: array: expected ${width} × ${height} × ${count} numbers, got ${array.length}`)
  const [pixelStride, channelStride] = strides(order, count, area)
  const data = new ImageData(width, height)
  for (let p = 0; p < area; p++) {
    data.data[p * 4 + ALPHA] = 255
    for (let c = 0; c < count; c++) {
      const channel = channels[c]!
      const number = array[p * pixelStride + c * channelStride]!
      data.data[p * 4 + channel] = number * s[channel]! + b[channel]!
      if (color === Color.GREY) for (const other of [GREEN, BLUE]) data.data[p * 4 + other] = number * s[other]! + b[other]!
    }
  }
  const target = { dstW: canvas.width, dstH: canvas.height, ...defined(options) }
  const { srcX, srcY, srcW, srcH, dstX, dstY, dstW, dstH } = rectangles({ width, height }, target)
  contextOf(canvas).drawImage(canvasOf(data), srcX, srcY, srcW, srcH, dstX, dstY, dstW, dstH)
}

/** {@return the image at an address, when it has come} */
export async function loadImageByUrl(url: string): Promise<HTMLImageElement> {
  const image = new Image()
  image.crossOrigin = 'anonymous' // else its pixels could not be read
  image.src = url
  try {
    await image.decode()
  } catch (cause) {
    throw new ImageError('IMAGE', `${url.slice(0, 200)}: could not be loaded as an image: ${reason(cause)}`, { cause })
  }
  return image
}

/** {@return the image that the user chose in an `<input type="file">`} */
export async function loadImageFromFileInput(input: HTMLInputElement): Promise<HTMLImageElement> {
  const file = input.files?.[0]
  if (!file) throw new ImageError('IMAGE', 'file input: expected a chosen file, got none')
  return loadBlob(file)
}

/** Opens the browser's dialog to choose a file; call it from a click. */
export async function loadImageByDialog(): Promise<HTMLImageElement> {
  const input = document.createElement('input')
  input.type = 'file'
  input.accept = 'image/*'
  const chosen = new Promise<void>((resolve, reject) => {
    input.onchange = () => resolve()
    input.oncancel = () => reject(new ImageError('IMAGE', 'no file was chosen'))
  })
  input.click()
  await chosen
  return loadImageFromFileInput(input)
}

async function loadBlob(blob: Blob): Promise<HTMLImageElement> {
  const url = URL.createObjectURL(blob)
  try {
    return await loadImageByUrl(url)
  } catch (cause) {
    const name = 'name' in blob ? String(blob.name) : 'the file'
    throw new ImageError('IMAGE', `${name}: could not be read as an image`, { cause })
  } finally {
    URL.revokeObjectURL(url)
  }
}

interface Extent { width: number; height: number }

function sizeOf(drawable: Drawable): Extent {
  if (is(drawable, 'HTMLVideoElement')) return { width: drawable.videoWidth, height: drawable.videoHeight }
  if (is(drawable, 'HTMLImageElement')) return { width: drawable.naturalWidth, height: drawable.naturalHeight }
  const { width, height } = drawable ?? {}
  if (typeof width === 'number' && typeof height === 'number') return { width, height }
  throw new ImageError('IMAGE', 'image: expected an address, a file input, a canvas, an image, a video or ImageData, got something else')
}

/** Fills in the defaults. */
function rectangles({ width, height }: Extent, options: Rectangles): Required<Rectangles> {
  const { srcX = 0, srcY = 0, srcW = width - srcX, srcH = height - srcY, dstX = 0, dstY = 0, dstW = srcW, dstH = srcH } = options
  const all = { srcX, srcY, srcW, srcH, dstX, dstY, dstW, dstH }
  for (const [name, value] of Object.entries(all)) {
    if (!Number.isFinite(value)) throw new OptionError('OPTION', `image: ${name}: expected a number, got ${value}`)
  }
  if (!(srcW > 0 && srcH > 0)) throw new ImageError('IMAGE', `image: source: expected a width and a height above 0, got ${srcW} × ${srcH}; is it loaded?`)
  return all
}

let scratch: Canvas | undefined

/** {@return the pixels of the result: `dstX + dstW` wide, `dstY + dstH` high, empty but for the rectangle} */
function pixels(drawable: Drawable, size: Extent, options: Rectangles): ImageData {
  const { srcX, srcY, srcW, srcH, dstX, dstY, dstW, dstH } = rectangles(size, options)
  const width = dstX + dstW
  const height = dstY + dstH
  if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)) {
    throw new OptionError('OPTION', `image: result: expected a whole width and height above 0, got ${width} × ${height}`)
  }
  scratch ??= newCanvas(width, height)
  if (scratch.width !== width) scratch.width = width
  if (scratch.height !== height) scratch.height = height
  const context = contextOf(scratch)
  context.clearRect(0, 0, width, height)
  context.imageSmoothingQuality = 'high'
  try {
    context.drawImage(drawable, srcX, srcY, srcW, srcH, dstX, dstY, dstW, dstH)
    return context.getImageData(0, 0, width, height)
  } catch (cause) {
    scratch = undefined // it may be tainted now
    throw new ImageError('IMAGE', `image: its pixels cannot be read: ${reason(cause)}`, { cause })
  }
}

function canvasOf(data: ImageData): Canvas {
  const canvas = newCanvas(data.width, data.height)
  contextOf(canvas).putImageData(data, 0, 0)
  return canvas
}

function newCanvas(width: number, height: number): Canvas {
  return typeof OffscreenCanvas !== 'undefined' ? new OffscreenCanvas(width, height) : Object.assign(document.createElement('canvas'), { width, height })
}

function contextOf(canvas: Canvas): Context {
  const context = canvas.getContext('2d', { willReadFrequently: true }) as Context | null
  if (!context) throw new ImageError('IMAGE', 'canvas: expected one with a 2d context')
  return context
}

function channelsOf(color: Color): readonly number[] {
  const channels = CHANNELS[color]
  if (!channels) throw new OptionError('OPTION', `image: color: expected one of WebDNN.Image.Color, got ${color}`)
  return channels
}

/** {@return how far two pixels, and two channels of a pixel, are apart in an array} */
function strides(order: Order, channels: number, area: number): readonly [number, number] {
  if (order === Order.HWC) return [channels, 1]
  if (order === Order.CHW) return [1, area]
  throw new OptionError('OPTION', `image: order: expected one of WebDNN.Image.Order, got ${order as number}`)
}

function perChannel(name: string, value: number | readonly number[]): readonly number[] {
  const list = typeof value === 'number' ? [value] : Array.from(value ?? [])
  if (![1, 3, 4].includes(list.length) || !list.every(Number.isFinite)) {
    throw new OptionError('OPTION', `image: ${name}: expected a number, or a list of 1, 3 or 4 numbers, got ${JSON.stringify(value)}`)
  }
  return list.length === 1 ? new Array<number>(4).fill(list[0]!) : [...list, list[0]!]
}

const defined = (options: Rectangles): Rectangles => Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))

const isCanvas = (value: unknown): value is Canvas => is(value, 'HTMLCanvasElement') || is(value, 'OffscreenCanvas')

interface Kinds {
  HTMLInputElement: HTMLInputElement
  HTMLCanvasElement: HTMLCanvasElement
  HTMLImageElement: HTMLImageElement
  HTMLVideoElement: HTMLVideoElement
  OffscreenCanvas: OffscreenCanvas
  ImageData: ImageData
}

/** Works also for a class that this browser, or a worker, does not have, and for one of another frame. */
function is<K extends keyof Kinds>(value: unknown, kind: K): value is Kinds[K] {
  return Object.prototype.toString.call(value) === `[object ${kind}]`
}
