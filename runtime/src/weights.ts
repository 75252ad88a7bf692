import type { Weights } from './backend'
import type { Plan } from './descriptor'
import { arrayOf, evaluate, viewOf } from './descriptor'
import { DescriptorError } from './errors'

/** Decodes the weight file, buffer by buffer; raw weights are views of the file, not copies. */
export function decoder(plan: Plan, file: ArrayBuffer): Weights {
  return index => {
    const { type, weight, encoding = 'raw', elements } = plan.buffers[index]!
    const [at, bytes] = weight!
    const length = evaluate(elements, new Map())
    const expected = length * (encoding === 'float16' ? 2 : 4)
    if (encoding !== 'raw' && encoding !== 'float16') {
      throw new DescriptorError('FORMAT', `buffer ${index}: encoding: expected raw or float16, got ${encoding}`)
    }
    if (bytes !== expected || at < 0 || at + bytes > file.byteLength) {
      throw new DescriptorError('DESCRIPTOR', `buffer ${index}: weight: expected ${expected} bytes inside of ${file.byteLength}, got [${at}, ${bytes}]`)
    }
    if (encoding === 'float16') {
      const halves = new Uint16Array(file.slice(at, at + bytes))
      const result = arrayOf(type, length)
      for (let i = 0; i < length; i++) result[i] = widen(halves[i]!)
      return result
    }
    return viewOf(type, at % 4 ? file.slice(at, at + bytes) : file, at % 4 ? 0 : at, length)
  }
}

/** IEEE 754 binary16 to a number. */
export function widen(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = half >> 10 & 31
  const fraction = half & 1023
  if (exponent === 31) return fraction ? NaN : sign * Infinity
  return sign * (exponent ? 2 ** (exponent - 25) * (1024 + fraction) : 2 ** -24 * fraction)
}
