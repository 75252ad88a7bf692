import type { Bindings, KernelPlan, Plan } from './descriptor'
import { evaluate } from './descriptor'
import type { Kernel } from './threads'

/** How long a kernel is run: a browser makes better code of it after about as long. */
const EACH_MS = 1
/** How long the page is kept from other things. */
const SLICE_MS = 8
/** Operations of one iteration that take longer than a slice in a browser's first code. */
const LONG = 4_000_000

/**
 * Has the browser make fast code of kernels while the weights are still on their way.
 *
 * Browsers start with code that is made at once and is several times slower. They replace it when much of it was run,
 * but never within a call, and a first run calls most kernels once. So single iterations are run before, on memory of
 * their own in which all buffers are one: code belongs to the module, whatever it computes on.
 *
 * @param functions kernels of an instance whose memory holds the largest buffer at `address`
 * @param sizes any values of the placeholders
 * @param isWanted whether to go on
 */
export async function warmUp(plan: Plan, functions: readonly Kernel[], address: number, sizes: Bindings, isWanted: () => boolean): Promise<void> {
  const total = ({ work = 0, parameters = [] }: KernelPlan) => evaluate(work, sizes) * evaluate(parameters.at(-1) ?? 0, sizes)
  const seen = new Set<Kernel>()
  const order = plan.kernels.map((kernel, k) => ({ kernel, run: functions[k]! }))
    .sort((a, b) => total(b.kernel) - total(a.kernel))
    .filter(({ kernel, run }) => kernel.work !== undefined && evaluate(kernel.work, sizes) < LONG && total(kernel) > 0 && !seen.has(run) && seen.add(run))
  let slice = performance.now()
  for (const { kernel, run } of order) {
    if (!isWanted()) return
    const parameters = kernel.parameters!.slice(0, -2).map(size => evaluate(size, sizes))
    const numbers = [...kernel.buffers.map(() => address), ...parameters, 0, 1]
    const start = performance.now()
    do run(...numbers); while (performance.now() - start < EACH_MS)
    if (performance.now() - slice < SLICE_MS) continue
    await new Promise(resolve => setTimeout(resolve))
    slice = performance.now()
  }
}
