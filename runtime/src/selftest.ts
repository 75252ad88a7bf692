import type { Golden, Plan, Sizes, TypedArray } from './descriptor'
import { arrayOf, isBig, volume } from './descriptor'

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

/** Draws the inputs of the golden vectors: the same numbers as the compiler drew. */
export function goldenInputs(plan: Plan, golden: Golden, sizes: Sizes): TypedArray[] {
  return plan.inputs.map((port, j) => {
    const { type } = plan.buffers[port.buffer]!
    const [low, high] = golden.inputs[j]!.range
    const isWhole = !port.dtype.includes('float')
    const array = arrayOf(type, volume(sizes.inputs[j]!))
    let words: Uint32Array | undefined
    for (let i = 0; i < array.length; i++) {
      if (i % 4 === 0) words = philox(golden.seed, j, i / 4)
      const unit = (words![i % 4]! >>> 8) * 2 ** -24
      const value = low + (high - low) * unit
      const number = isWhole ? Math.floor(value) : value
      array[i] = (isBig(array) ? BigInt(number) : number) as number
    }
    return array
  })
}

/** Philox4x32 with ten rounds; key `(seed, stream)`, counter `(block, 0, 0, 0)`. */
export function philox(seed: number, stream: number, block: number): Uint32Array {
  const counter = new Uint32Array([block, 0, 0, 0])
  let k0 = seed >>> 0
  let k1 = stream >>> 0
  for (let round = 0; round < 10; round++) {
    const [x0, x1, x2, x3] = counter as unknown as [number, number, number, number]
    const [high0, low0] = multiply(0xd2511f53, x0)
    const [high1, low1] = multiply(0xcd9e8d57, x2)
    counter[0] = high1 ^ x1 ^ k0
    counter[1] = low1
    counter[2] = high0 ^ x3 ^ k1
    counter[3] = low0
    k0 = k0 + 0x9e3779b9 >>> 0
    k1 = k1 + 0xbb67ae85 >>> 0
  }
  return counter
}

/** 32 × 32 → 64 bits, as the high and the low word. */
function multiply(a: number, b: number): [number, number] {
  const low = (a & 0xffff) * b
  const high = (a >>> 16) * b + Math.floor(low / 65536)
  return [Math.floor(high / 65536), Math.imul(a, b)]
}

/** Compares what a run gave with the golden outputs. NaN equals NaN, and an infinity itself. */
export function compare(plan: Plan, golden: Golden, outputs: readonly TypedArray[], backendName: string, milliseconds: number): SelfTestReport {
  let compared = 0
  let worst = { output: '', index: -1, expected: NaN, actual: NaN, error: -1 }
  golden.outputs.forEach(({ index, value }, j) => index.forEach((at, i) => {
    const expected = Number(value[i]) // infinities and NaN are written as texts
    const actual = Number(outputs[j]![at])
    const allowed = golden.absolute + golden.relative * Math.abs(expected)
    const error = Object.is(expected, actual) || expected === actual ? 0 : Math.abs(expected - actual) / allowed
    compared++
    if (!(error <= worst.error)) worst = { output: plan.outputs[j]!.name, index: at, expected, actual, error: Number.isNaN(error) ? Infinity : error }
  }))
  return { passed: worst.error <= 1, backendName, milliseconds, compared, worst }
}
