import type { Plan, StoredArray, TypedArray } from './descriptor'

/** {@return the plan for a device that cannot store what kernels write in 16 bits}: it takes 32; what is only read stays as it is */
export function withoutHalves(plan: Plan): Plan {
  return { ...plan, buffers: plan.buffers.map(buffer => buffer.type === 'float16' && !buffer.weight ? { ...buffer, type: 'float32' } : buffer) }
}

/** {@return an input as its buffer holds it}: numbers of float16 are rounded to such, wherever they are stored */
export function asStored(array: TypedArray, dtype: string, isHalf: boolean): StoredArray {
  if (dtype !== 'float16') return array
  const halves = narrow(array as Float32Array)
  return isHalf ? halves : widen(halves)
}

/** Numbers that show whether who makes float16 of them rounds half to even, keeps subnormal ones and knows ±∞. */
const TELLING = [
  1 + 2 ** -11, 1 + 3 * 2 ** -11, 1 + 2 ** -11 + 2 ** -23, -1 - 3 * 2 ** -12, 2 - 2 ** -12, 1 / 3, -1e-3,
  2 ** -14 - 2 ** -25, 2 ** -24, -3 * 2 ** -25, 2 ** -25, 2 ** -25 + 2 ** -40, 5 * 2 ** -25, 65504, 65519, -65520, 1e9, -Infinity,
  0, 1e-30,
]

/**
 * {@return whether a device makes float16 as `narrow` does}
 *
 * @param convert rounds numbers on the device
 */
export async function roundsLikeUs(convert: (numbers: Float32Array<ArrayBuffer>) => Promise<Float32Array>): Promise<boolean> {
  const numbers = Float32Array.from(TELLING)
  const expected = widen(narrow(numbers))
  const rounded = await convert(numbers)
  return expected.every((number, i) => Object.is(number, rounded[i]))
}

/** Numbers of IEEE 754 binary16, in bits, to float32: exact. */
export function widen(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const result = new Float32Array(halves.length)
  const bits = new Uint32Array(result.buffer)
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i]!
    const isFinite = (half & 0x7c00) !== 0x7c00
    // with the exponent's bits as they are, a number is 2¹¹² times too small, also if it is subnormal
    bits[i] = (half & 0x8000) << 16 | (half & 0x7fff) << 13 | (isFinite ? 0 : 0x7f800000)
    if (isFinite) result[i]! *= 2 ** 112
  }
  return result
}

/** Float32 to the bits of IEEE 754 binary16: half to even, ±∞ from 65520 on; NaN stays NaN. */
export function narrow(numbers: Float32Array): Uint16Array<ArrayBuffer> {
  const result = new Uint16Array(numbers.length)
  const float = new Float32Array(1)
  const bits = new Uint32Array(float.buffer)
  for (let i = 0; i < numbers.length; i++) {
    float[0] = numbers[i]!
    const sign = bits[0]! >>> 16 & 0x8000
    const magnitude = bits[0]! & 0x7fffffff
    let half: number
    if (magnitude >= 0x47800000) { // 65536 or more
      half = magnitude > 0x7f800000 ? 0x7e00 : 0x7c00
    } else if (magnitude < 0x38800000) { // subnormal: the sum with ½ is rounded to multiples of 2⁻²⁴
      float[0] = Math.abs(numbers[i]!) + 0.5
      half = bits[0]! - 0x3f000000
    } else { // a carry out of the mantissa is right
      half = magnitude - 0x38000000 + 0xfff + (magnitude >>> 13 & 1) >>> 13
    }
    result[i] = sign | half
  }
  return result
}
