import type { Plan, TypedArray } from './descriptor'
import { arrayOf, bytesOf, evaluate, viewOf } from './descriptor'
import { DescriptorError } from './errors'

/** {@return the weights of a buffer that has some, decoded; raw ones are a view of the file, not a copy} */
export function decode(plan: Plan, index: number, file: Uint8Array<ArrayBuffer>): TypedArray {
  const { type, weight, encoding = 'raw', elements } = plan.buffers[index]!
  const [at, bytes] = weight!
  const length = evaluate(elements, new Map())
  const table = Math.max(4, Math.min(bytes - length & ~3, 1024)) // of eight bits: floats, before a byte for each number
  const expected = encoding === 'float16' ? length * 2 : encoding === 'raw' ? length * bytesOf(type) : length + table
  if (encoding !== 'raw' && encoding !== 'float16' && encoding !== 'eightbit') {
    throw new DescriptorError('FORMAT', `buffer ${index}: encoding: expected raw, float16 or eightbit, got ${encoding}`)
  }
  if (bytes !== expected || at < 0 || at + bytes > file.length) {
    throw new DescriptorError('DESCRIPTOR', `buffer ${index}: weight: expected ${expected} bytes inside of ${file.length}, got [${at}, ${bytes}]`)
  }
  const own = file.subarray(at, at + bytes)
  if (encoding === 'float16') {
    const halves = new Uint16Array(own.slice().buffer)
    const result = arrayOf(type, length)
    for (let i = 0; i < length; i++) result[i] = widen(halves[i]!)
    return result
  }
  if (encoding === 'eightbit') {
    const values = new Float32Array(own.slice(0, table).buffer)
    const result = arrayOf(type, length)
    for (let i = 0; i < length; i++) result[i] = values[own[table + i]!]!
    return result
  }
  const { buffer, byteOffset } = own.byteOffset % bytesOf(type) ? own.slice() : own
  return viewOf(type, buffer, byteOffset, length)
}

/** IEEE 754 binary16 to a number. */
export function widen(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = half >> 10 & 31
  const fraction = half & 1023
  if (exponent === 31) return fraction ? NaN : sign * Infinity
  return sign * (exponent ? 2 ** (exponent - 25) * (1024 + fraction) : 2 ** -24 * fraction)
}
