import { DescriptorError, InputError, KernelError } from './errors'

/** The formats of graph descriptors that this runtime reads; in the second there are `loops`, `min` and `equal`. */
const FORMATS = [2, 3]

export type BackendName = 'webgpu' | 'webgl' | 'webassembly'
export type StoredType = 'float32' | 'float16' | 'int32' | 'uint32' | WideType
/** on WebAssembly only */
export type WideType = 'float64' | 'int64' | 'uint64'
export type TypedArray = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>
/** Numbers as a buffer holds them: those of float16 are given to pages as float32. */
export type StoredArray = TypedArray | Uint16Array<ArrayBuffer>
/** What stands for a `TypedArray` where elements are stored as int64 or uint64: nearly all code only passes arrays on. */
export type BigArray = BigInt64Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>

/** A number, a symbol, a sum, a product, a quotient rounded down, or the least of several. */
export type Size = number | string | readonly ['+' | '*' | '//' | 'min', ...Size[]]

export interface FileEntry {
  readonly file: string
  readonly bytes: number
  readonly sha256: string
  /** hashes of the file in pieces of so many bytes each, the last one perhaps shorter: each can be checked while the next one comes */
  readonly parts?: { readonly bytes: number; readonly sha256: readonly string[] }
}

export interface Port {
  readonly name: string
  readonly dtype: string
  readonly shape: readonly Size[]
  readonly buffer: number
}

export interface BufferPlan {
  readonly type: StoredType
  readonly elements: Size
  readonly slot?: number
  readonly lane?: number
  /** WebGL: texel t lies in layer t mod layers of a texture array; absent for 1 */
  readonly layers?: number
  /** WebGL: the width of the texture, by default the plan's */
  readonly width?: number
  /** first byte and number of bytes in the weight file */
  readonly weight?: readonly [number, number]
  readonly encoding?: string
}

export interface KernelPlan {
  readonly name: string
  readonly module: number | string
  readonly buffers: readonly number[]
  readonly writes: number
  readonly parameters?: readonly Size[]
  /** that it depends on constants only: it runs when the weights have arrived, and what it writes is kept */
  readonly once?: boolean
  /** that the last two parameters are a range of iterations, and what one of them costs, in arithmetic operations */
  readonly work?: Size
  /** the size of the grid; a kernel of an empty one does not run */
  readonly groups?: readonly Size[]
}

/**
 * A size that depends on data: known when `kernel` kernels have run, from the element of an int32 buffer. Buffers count as
 * many elements as there can be, but of a size without a bound: these hold its symbol in `elements`.
 */
export interface Measured {
  readonly symbol: string
  readonly buffer: number
  readonly kernel: number
}

/**
 * Kernels that are repeated: `kernels` of them from number `kernel` on, so many `times`, as long as the int32 scalar in
 * buffer `while` is not 0. Their parameters may hold the number of the repetition, `symbol`.
 */
export interface Loop {
  readonly kernel: number
  readonly kernels: number
  readonly symbol: string
  readonly times: Size
  readonly while?: number
}

export interface Golden {
  readonly seed: number
  readonly placeholders: Readonly<Record<string, number>>
  readonly inputs: readonly { readonly range: readonly [number, number] }[]
  readonly outputs: readonly { readonly index: readonly number[]; readonly value: readonly (number | string)[] }[]
  readonly absolute: number
  readonly relative: number
}

/** A graph descriptor as it stands in its file (docs/descriptor.md). */
export interface Plan {
  readonly format: number
  readonly backend: BackendName
  readonly converted_at: number
  readonly texture: number
  readonly placeholders: readonly string[]
  readonly inputs: readonly Port[]
  readonly outputs: readonly Port[]
  readonly weights?: FileEntry
  readonly buffers: readonly BufferPlan[]
  readonly modules: readonly string[]
  readonly code: Readonly<Record<string, FileEntry>>
  readonly kernels: readonly KernelPlan[]
  /** in the order of their kernels */
  readonly measured?: readonly Measured[]
  /** in the order of their kernels */
  readonly loops?: readonly Loop[]
  /** sizes that must be the same in a run: what an extent is, and what it must be */
  readonly equal?: readonly (readonly [Size, Size])[]
  readonly golden?: Golden
}

/** A plan whose sizes are numbers. */
export interface Sizes {
  /** what the symbols stand for */
  readonly bindings: Bindings
  readonly inputs: readonly (readonly number[])[]
  readonly outputs: readonly (readonly number[])[]
  /** stored scalars of each buffer */
  readonly elements: readonly number[]
  readonly parameters: readonly (readonly number[])[]
  readonly groups: readonly (readonly number[])[]
  /** 0 where there is no range to divide */
  readonly work: readonly number[]
}

export type Bindings = ReadonlyMap<string, number>
export const NO_SIZES: Bindings = new Map()

/** Reads a descriptor and refuses what a run would only stumble over later. */
export function parse(text: string, file: string, backend: BackendName): Plan {
  let plan: Plan
  try {
    plan = JSON.parse(text) as Plan
  } catch (cause) {
    throw new DescriptorError('DESCRIPTOR', `${file}: expected JSON, got something else; is it whole?`, { cause })
  }
  if (!FORMATS.includes(plan?.format)) {
    throw new DescriptorError('FORMAT', `${file}: format: expected ${FORMATS.join(' or ')}, got ${plan?.format}; convert the model again with the toolchain that this webdnn.js came with`)
  }
  const broken = (what: string, expected: string, actual: unknown) => new DescriptorError('DESCRIPTOR', `${file}: ${what}: expected ${expected}, got ${JSON.stringify(actual)}`)
  if (plan.backend !== backend) throw broken('backend', backend, plan.backend)
  for (const key of ['inputs', 'outputs', 'buffers', 'kernels'] as const) {
    if (!Array.isArray(plan[key])) throw broken(key, 'a list', plan[key])
  }
  const isBuffer = (b: unknown) => Number.isInteger(b) && (b as number) >= 0 && (b as number) < plan.buffers.length
  for (const port of [...plan.inputs, ...plan.outputs]) {
    if (!isBuffer(port.buffer)) throw broken(`'${port.name}': buffer`, `0 to ${plan.buffers.length - 1}`, port.buffer)
  }
  const types = Object.keys(TYPES).filter(type => type !== 'float16' || backend !== 'webassembly')
  plan.buffers.forEach((buffer, i) => {
    if (!types.includes(buffer.type)) throw broken(`buffer ${i}: type`, types.join(', '), buffer.type)
    if ((buffer.slot === undefined) === (buffer.weight === undefined)) throw broken(`buffer ${i}`, 'either a slot or a weight', buffer)
    if (buffer.weight && !plan.weights) throw broken('weights', 'a file, because buffers have weights', plan.weights)
  })
  // a size without a bound stands under another name in the file, so that readers that know none refuse it
  const sizes = plan.measured?.map(({ unbounded, ...size }: Measured & { unbounded?: string }) => unbounded === undefined ? size : { ...size, symbol: unbounded })
  if (sizes) plan = { ...plan, measured: sizes }
  for (const { symbol, buffer } of plan.measured ?? []) {
    if (!isBuffer(buffer)) throw broken(`size '${symbol}': buffer`, `0 to ${plan.buffers.length - 1}`, buffer)
  }
  for (const loop of plan.loops ?? []) {
    if (loop.while !== undefined && !isBuffer(loop.while)) throw broken(`loop '${loop.symbol}': while`, `0 to ${plan.buffers.length - 1}`, loop.while)
  }
  for (const kernel of plan.kernels) {
    const stray = kernel.buffers.find(b => !isBuffer(b))
    if (stray !== undefined) throw broken(`kernel '${kernel.name}': buffers`, `0 to ${plan.buffers.length - 1}`, stray)
    if (typeof kernel.module === 'number' && plan.modules?.[kernel.module] === undefined) throw broken(`kernel '${kernel.name}': module`, `0 to ${(plan.modules ?? []).length - 1}`, kernel.module)
  }
  return plan
}

const TYPES = { float32: Float32Array, float16: Uint16Array, float64: Float64Array, int32: Int32Array, uint32: Uint32Array, int64: BigInt64Array, uint64: BigUint64Array } as const

/** {@return whether the elements of an array are bigints} */
export function isBig(array: unknown): boolean {
  return array instanceof BigInt64Array || array instanceof BigUint64Array
}


/** {@return an array of zeros for the page, for elements that are stored as `type`} */
export function arrayOf(type: StoredType, length: number): TypedArray {
  return storedOf(type === 'float16' ? 'float32' : type, length) as TypedArray
}

/** {@return an array of zeros as a buffer of `type` holds them} */
export function storedOf(type: StoredType, length: number): StoredArray {
  return new TYPES[type](length) as StoredArray
}

/** {@return the bytes of an element} */
export function bytesOf(type: StoredType): number {
  return TYPES[type].BYTES_PER_ELEMENT
}

/** {@return a view of bytes that are laid out as `type`} */
export function viewOf(type: StoredType, buffer: ArrayBuffer, offset: number, length: number): StoredArray {
  return new TYPES[type](buffer, offset, length) as StoredArray
}

/** {@return the value of a size} */
export function evaluate(size: Size, bindings: Bindings): number {
  if (typeof size === 'number') return size
  if (typeof size === 'string') {
    const value = bindings.get(size)
    if (value === undefined) {
      throw new InputError('PLACEHOLDER', `placeholder '${size}': expected a value, got none; set an input's array or call setPlaceholderValue({${size}: …})`)
    }
    return value
  }
  const [operation, ...operands] = size
  const values = operands.map(operand => evaluate(operand, bindings))
  switch (operation) {
    case '+': return values.reduce((a, b) => a + b, 0)
    case '*': return values.reduce((a, b) => a * b, 1)
    case '//': return Math.floor(values[0]! / values[1]!)
    case 'min': return Math.min(...values)
  }
}

/** {@return the extents of a shape}; one that is less than what was found is not below 0 where nothing was */
export function extents(shape: readonly Size[], bindings: Bindings): number[] {
  return shape.map(size => Math.max(0, evaluate(size, bindings)))
}

/** {@return the product of a shape's extents} */
export function volume(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1)
}

/** {@return the symbols in a size} */
export function symbols(size: Size): string[] {
  return typeof size === 'string' ? [size] : typeof size === 'number' ? [] : (size.slice(1) as Size[]).flatMap(symbols)
}

/** {@return arrays for the outputs at these sizes} */
export function outputArrays(plan: Plan, bindings: Bindings): TypedArray[] {
  return plan.outputs.map(({ buffer, shape }) => arrayOf(plan.buffers[buffer]!.type, volume(extents(shape, bindings))))
}

/**
 * {@return for each buffer, the place in `measured` of the size after which it is known how much memory it takes}; −1 where
 * that is known before the run
 */
export function knownAfter({ buffers, measured = [] }: Plan): number[] {
  return buffers.map(({ elements }) => {
    const names = symbols(elements)
    return measured.map(({ symbol }) => names.includes(symbol)).lastIndexOf(true)
  })
}

/**
 * {@return how many kernels, the first ones, run once; the buffers that these write, which are `kept`; those that are read
 * afterwards, `lasting`; and which of a kernel's buffers nobody reads after it}
 */
export function divide({ kernels, outputs, measured = [], loops = [] }: Plan): Division {
  const initial = kernels.filter(({ once }) => once).length
  const lasting = new Set([
    ...kernels.flatMap(({ once, buffers }) => once ? [] : buffers),
    ...[...outputs, ...measured].map(({ buffer }) => buffer),
    ...loops.flatMap(loop => loop.while ?? []),
  ])
  return {
    initial,
    kept: new Set(kernels.flatMap(({ once, buffers, writes }) => once ? buffers.slice(-writes) : [])),
    lasting,
    ended: k => kernels[k]!.buffers.filter(b => !lasting.has(b) && !kernels.slice(k + 1, initial).some(({ buffers }) => buffers.includes(b))),
  }
}

interface Division { initial: number; kept: Set<number>; lasting: Set<number>; ended(kernel: number): number[] }

/** {@return a size that was measured}; one below 0 says that the data does not fit */
export function measure(plan: Plan, { symbol, kernel }: Measured, value: number): number {
  if (value >= 0) return value
  const { name } = plan.kernels[kernel - 1] ?? plan.kernels[0]!
  throw new KernelError('KERNEL', `kernel '${name}': size '${symbol}': expected 0 or more, as data says it, got ${value}`, { node: name })
}

/** {@return the sizes that depend on data, and the numbers of repetitions, before a run} */
export function unmeasured({ measured = [], loops = [] }: Plan): [string, number][] {
  return [...measured, ...loops].map(({ symbol }) => [symbol, 0])
}

/** {@return after which kernels sizes are measured, and which} */
export function stops(plan: Plan): { kernel: number; sizes: Measured[] }[] {
  const stops: { kernel: number; sizes: Measured[] }[] = []
  for (const size of plan.measured ?? []) {
    const last = stops.at(-1)
    if (last?.kernel === size.kernel) last.sizes.push(size)
    else stops.push({ kernel: size.kernel, sizes: [size] })
  }
  return stops
}

/** {@return the plan's sizes for these values of its placeholders}; sizes that depend on data are 0 until they are measured */
export function resolve(plan: Plan, given: Bindings): Sizes {
  const bindings = new Map([...unmeasured(plan), ...given])
  for (const [actual, expected] of plan.equal ?? []) {
    const values = [actual, expected].map(size => evaluate(size, bindings))
    if (values[0] !== values[1]) throw new InputError('PLACEHOLDER', `sizes: expected ${JSON.stringify(expected)} = ${JSON.stringify(actual)}, got ${values[1]} and ${values[0]}`)
  }
  const all = (sizes: readonly Size[] = []) => sizes.map(size => evaluate(size, bindings))
  return {
    bindings,
    inputs: plan.inputs.map(port => all(port.shape)),
    outputs: plan.outputs.map(port => extents(port.shape, bindings)),
    elements: all(plan.buffers.map(buffer => buffer.elements)),
    parameters: plan.kernels.map(kernel => all(kernel.parameters)),
    groups: plan.kernels.map(kernel => all(kernel.groups)),
    work: plan.kernels.map(kernel => evaluate(kernel.work ?? 0, bindings)),
  }
}
