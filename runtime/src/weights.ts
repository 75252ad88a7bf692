import type { Plan, StoredArray } from './descriptor'
import { bytesOf, evaluate, storedOf, viewOf } from './descriptor'
import { DescriptorError } from './errors'
import { narrow, widen } from './half'

/** {@return the weights of a buffer that has some, decoded; raw ones are a view of the file, not a copy} */
export function decode(plan: Plan, index: number, file: Uint8Array<ArrayBuffer>): StoredArray {
  const { type, weight, encoding = 'raw', elements } = plan.buffers[index]!
  const [at, bytes] = weight!
  const length = evaluate(elements, new Map())
  const table = Math.max(4, Math.min(bytes - length & ~3, 1024)) // of eight bits: floats, before a byte for each number
  const [, unsigned, digits] = /^(u?)int(2|4|8|16)$/.exec(encoding) ?? []
  const bits = Number(digits ?? 0)
  if (!bits && encoding !== 'raw' && encoding !== 'float16' && encoding !== 'eightbit') {
    throw new DescriptorError('FORMAT', `buffer ${index}: encoding: expected raw, float16, eightbit or a narrow integer, got ${encoding}`)
  }
  const expected = encoding === 'eightbit' ? length + table
    : Math.ceil(length * (bits ? bits / 8 : encoding === 'float16' ? 2 : bytesOf(type)))
  if (bytes !== expected || at < 0 || at + bytes > file.length) {
    throw new DescriptorError('DESCRIPTOR', `buffer ${index}: weight: expected ${expected} bytes inside of ${file.length}, got [${at}, ${bytes}]`)
  }
  const own = file.subarray(at, at + bytes)
  if (encoding === 'float16' && type !== 'float16') return widen(new Uint16Array(own.slice().buffer))
  if (bits) { // below eight they share bytes, the first one in the lowest bits
    const result = storedOf(type, length)
    const above = 32 - bits
    for (let i = 0; i < length; i++) {
      const byte = i * bits >>> 3
      const shifted = (own[byte]! | own[byte + 1]! << 8) >>> (i * bits & 7) << above
      result[i] = unsigned ? shifted >>> above : shifted >> above
    }
    return result
  }
  if (encoding === 'eightbit') {
    const floats = new Float32Array(own.slice(0, table).buffer)
    const values = type === 'float16' ? narrow(floats) : floats
    const result = storedOf(type, length)
    for (let i = 0; i < length; i++) result[i] = values[own[table + i]!]!
    return result
  }
  const { buffer, byteOffset } = own.byteOffset % bytesOf(type) ? own.slice() : own
  return viewOf(type, buffer, byteOffset, length)
}
