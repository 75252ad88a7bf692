import type { BigArray, Bindings, Plan, Port, Size, StoredType, TypedArray } from './descriptor'
import { arrayOf, evaluate, extents, isBig, symbols, unmeasured, volume } from './descriptor'
import { InputError } from './errors'

/** Numbers in some form: typed arrays, (nested) arrays, other views. */
export type Numbers = ArrayLike<number | bigint | boolean> | readonly Numbers[] | View

/** An input or output of a model: an array whose length may depend on symbolic sizes. */
export interface View {
  readonly name: string
  readonly dtype: string
  /** the extents; throws while symbolic sizes have no value */
  readonly shape: readonly number[]
  /**
   * Copies numbers into the array, from `offset` on. Without an offset the array stands for the whole tensor, so that its
   * length gives the symbolic sizes; `shape` gives them where there are several.
   */
  set(array: Numbers, offset?: number, shape?: readonly number[]): void
  /** {@return the array itself, which stays the same until a symbolic size changes}; a size without a value becomes 1. */
  toActual(): TypedArray
  readonly length: number
  [Symbol.iterator](): IterableIterator<number>
  [index: number]: number
}

/** A view, and what the runner does with it. */
export interface Slot {
  readonly view: View
  /** {@return the array for these sizes}; an input that was set for other sizes is refused */
  ready(): TypedArray
}

/** The values of symbolic sizes. */
export interface Placeholders {
  readonly values: ReadonlyMap<string, number>
  /** counts changes */
  version(): number
  /** Gives a size a value that arrays do not change any more. */
  pin(values: Readonly<Record<string, number>>): void
  bind(name: string, value: number): void
  /** Takes what sizes that depend on data were in a run. */
  measure(sizes: Bindings): void
  isPinned(name: string): boolean
}

export function createPlaceholders(plan: Plan): Placeholders {
  const known = new Set([...(plan.placeholders ?? []), ...plan.inputs.flatMap(port => port.shape.flatMap(symbols))])
  const values = new Map<string, number>(unmeasured(plan))
  const pinned = new Set<string>()
  let version = 0
  const bind = (name: string, value: number) => {
    if (!known.has(name)) throw new InputError('PLACEHOLDER', `placeholder '${name}': expected one of ${[...known].map(n => `'${n}'`).join(', ') || 'none, for all sizes of this model are fixed'}`)
    if (!Number.isInteger(value) || value < 0 || value > 0x7fffffff) throw new InputError('PLACEHOLDER', `placeholder '${name}': expected a whole number from 0 on, got ${value}`)
    if (values.get(name) === value) return
    values.set(name, value)
    version++
  }
  return {
    values,
    version: () => version,
    pin(given) {
      for (const [name, value] of Object.entries(given)) {
        bind(name, value)
        pinned.add(name)
      }
    },
    bind,
    measure(sizes) {
      for (const [name, value] of sizes) values.set(name, value)
    },
    isPinned: name => pinned.has(name),
  }
}

export function createView(port: Port, type: StoredType, placeholders: Placeholders, role: 'input' | 'output'): Slot {
  const { name, dtype } = port
  const what = `${role} '${name}'`
  let array: TypedArray | undefined
  let stale = ''

  const shape = () => extents(port.shape, placeholders.values)
  const isBound = () => port.shape.flatMap(symbols).every(symbol => placeholders.values.has(symbol))

  /** The array for the present sizes; a change of the size makes a new one. */
  function current(): TypedArray {
    const extents = shape()
    const length = volume(extents)
    if (array?.length === length) return array
    if (array && role === 'input') stale = `[${extents}], got the array of another size; set it again`
    return array = arrayOf(type, length)
  }

  /** Finds the symbols' values from the shape that an array has. */
  function bindShape(extents: readonly number[]): void {
    if (extents.length !== port.shape.length) throw new InputError('INPUT', `${what}: shape: expected ${port.shape.length} extents like [${text(port.shape)}], got [${extents}]`)
    port.shape.forEach((size, i) => { if (typeof size === 'string') placeholders.bind(size, extents[i]!) })
    shape().forEach((extent, i) => {
      if (extent !== extents[i]) throw new InputError('INPUT', `${what}: shape: expected [${text(port.shape)}], got [${extents}]`)
    })
  }

  /** Finds the one free symbol's value from the length of a whole array. */
  function bindLength(length: number): void {
    const free = [...new Set(port.shape.flatMap(symbols))].filter(symbol => !placeholders.isPinned(symbol))
    if (!free.length) return
    const [symbol, more] = free
    const isPlain = port.shape.every(size => typeof size !== 'object' || !symbols(size).includes(symbol!))
    if (more !== undefined || !isPlain) {
      if (isBound() && length === volume(shape())) return
      throw new InputError('PLACEHOLDER', `${what}: the length ${length} does not tell the sizes [${text(port.shape)}]; call setPlaceholderValue, or set(array, 0, shape)`)
    }
    const power = port.shape.filter(size => size === symbol).length
    const rest = volume(port.shape.filter(size => size !== symbol).map(size => evaluate(size, placeholders.values)))
    const value = rest ? Math.round((length / rest) ** (1 / power)) : 0
    if (value ** power * rest !== length) {
      if (isBound() && length < volume(shape())) return // a part of it, as WebDNN 1.x allowed
      throw new InputError('INPUT', `${what}: expected a length that fits [${text(port.shape)}], got ${length}`)
    }
    placeholders.bind(symbol!, value)
  }

  const view = {
    name,
    dtype,
    get shape() { return shape() },
    set(source: Numbers, offset?: number, extents?: readonly number[]) {
      const numbers = flatten(source, what)
      if (extents) bindShape(extents)
      else if (offset === undefined) bindLength(numbers.length)
      const target = current()
      const at = offset ?? 0
      if (!Number.isInteger(at) || at < 0 || at + numbers.length > target.length) {
        throw new InputError('INPUT', `${what}: expected at most ${target.length} numbers for [${shape()}], got ${numbers.length}${at ? ` from ${at} on` : ''}`)
      }
      if (ArrayBuffer.isView(numbers) && isBig(numbers) === isBig(target)) target.set(numbers as unknown as ArrayLike<number>, at)
      else for (let i = 0; i < numbers.length; i++) put(target, at + i, numbers[i], what)
      stale = ''
    },
    toActual() {
      // As with the models of WebDNN 1.x, the array is there before anything was set: for one picture, text, …
      for (const symbol of port.shape.flatMap(symbols)) if (!placeholders.values.has(symbol)) placeholders.bind(symbol, 1)
      const result = current()
      stale = '' // whoever holds the array can fill it
      return result
    },
  }
  return {
    view: new Proxy(view, delegate) as unknown as View,
    ready() {
      const result = current()
      if (stale) throw new InputError('INPUT', `${what}: expected an array of ${stale}`)
      return result
    },
  }
}

const text = (shape: readonly Size[]) => shape.map(size => typeof size === 'object' ? JSON.stringify(size) : size).join(', ')

/** What a view does not define itself is asked of its array: indices, `length`, iteration, `map`, `subarray` … */
const delegate: ProxyHandler<{ toActual(): TypedArray }> = {
  get(target, key) {
    if (key in target) return Reflect.get(target, key)
    if (!(key in Float32Array.prototype) && !isIndex(key)) return undefined // `then`, say, must not force anything
    const array = target.toActual()
    const value: unknown = Reflect.get(array, key, array)
    return typeof value === 'function' ? value.bind(array) : value
  },
  set(target, key, value) {
    if (!isIndex(key)) return false
    return Reflect.set(target.toActual(), key, value)
  },
}
const isIndex = (key: string | symbol) => typeof key === 'string' && /^\d+$/.test(key)

/** Numbers are cut as typed arrays cut them, but a bigint must fit. */
function put(target: TypedArray, at: number, value: unknown, what: string): void {
  if (isBig(target)) {
    (target as unknown as BigArray)[at] = typeof value === 'bigint' ? value : BigInt(Math.trunc(Number(value)) || 0)
    return
  }
  target[at] = Number(value)
  if (typeof value === 'bigint' && target[at] !== Number(value) && !isReal(target)) {
    throw new InputError('INPUT', `${what}: expected integers of 32 bits, got ${value} at ${at}`)
  }
}
const isReal = (array: TypedArray) => array instanceof Float32Array || array instanceof Float64Array

function flatten(source: unknown, what: string): ArrayLike<unknown> {
  if (source !== null && typeof source === 'object') {
    if (Array.isArray(source)) {
      const isNested = source.some(item => typeof item === 'object')
      return isNested ? source.flatMap(item => Array.from(flatten(item, what))) : source
    }
    if (ArrayBuffer.isView(source) && !(source instanceof DataView)) return source as unknown as ArrayLike<number>
    if ('toActual' in source && typeof source.toActual === 'function') return source.toActual() as ArrayLike<number>
    if ('length' in source && typeof source.length === 'number') return source as ArrayLike<unknown>
  }
  throw new InputError('INPUT', `${what}: expected an array of numbers, got ${source === null ? 'null' : typeof source}`)
}
