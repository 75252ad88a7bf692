import { OptionError } from './errors'

/** {@return the indices of the `k` greatest numbers, greatest first; of equal ones the first comes first} */
export function argmax(numbers: ArrayLike<number>, k = 1): number[] {
  return order(numbers, k, (a, b) => b - a)
}

/** {@return the indices of the `k` smallest numbers, smallest first; of equal ones the first comes first} */
export function argmin(numbers: ArrayLike<number>, k = 1): number[] {
  return order(numbers, k, (a, b) => a - b)
}

/** NaN is neither great nor small: it comes last. */
function order(numbers: ArrayLike<number>, k: number, compare: (a: number, b: number) => number): number[] {
  if (!Number.isInteger(k) || k < 0) throw new OptionError('OPTION', `k: expected a whole number from 0 on, got ${k}`)
  const values = Array.from(numbers)
  const isNaN = (i: number) => Number(Number.isNaN(values[i]))
  return values.map((_, i) => i)
    .sort((a, b) => isNaN(a) - isNaN(b) || (isNaN(a) ? 0 : values[a] === values[b] ? 0 : compare(values[a]!, values[b]!)) || a - b)
    .slice(0, k)
}
