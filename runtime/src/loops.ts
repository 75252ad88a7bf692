import type { Bindings, Plan } from './descriptor'
import { evaluate, symbols } from './descriptor'

/** What a device does whose kernels are submitted one after the other. */
export interface Queue {
  /** Submits kernels from one on, before another; {@return how many} */
  submit(first: number, end: number): number
  /** Gives a kernel other parameters, from the next time on that it is submitted. */
  tell(kernel: number, parameters: readonly number[]): void
  /** {@return the number in an int32 scalar, once what was submitted is done} */
  read(buffer: number): Promise<number>
}

/**
 * Submits kernels from one on up to the end of the last loop before another, each loop as often as it says.
 *
 * @return how many, and the kernel that comes next
 */
export async function runLoops(plan: Plan, known: Bindings, first: number, end: number, queue: Queue): Promise<[count: number, next: number]> {
  let count = 0
  let next = first
  for (const { kernel, kernels, symbol, times, while: goesOn } of plan.loops ?? []) {
    if (kernel < first || kernel >= end) continue
    count += queue.submit(next, kernel)
    next = kernel + kernels
    const bindings = new Map(known)
    const most = evaluate(times, known)
    for (let t = 0; t < most && (goesOn === undefined || await queue.read(goesOn)); t++) {
      bindings.set(symbol, t)
      for (let k = kernel; k < next; k++) {
        const { parameters = [] } = plan.kernels[k]!
        if (parameters.some(size => symbols(size).includes(symbol))) queue.tell(k, parameters.map(size => evaluate(size, bindings)))
      }
      count += queue.submit(kernel, next)
    }
  }
  return [count, next]
}
