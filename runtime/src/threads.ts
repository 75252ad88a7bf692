import type { KernelPlan } from './descriptor'
import { reason } from './errors'
import { inWorker, startWorker, whyStopped } from './script'

/** The name of the workers that help. */
export const HELPER = 'webdnn-thread'

/** Words of the memory that the threads share; what several write at once has a cache line of its own. */
const REMAINING = 0 // parts of the present step that nobody has taken
const DONE = 16 // parts of it that are computed
const STEP = 32 // where its kernel and numbers stand
const PARTS = 33 // how many parts it has
const JOINED = 34 // helpers that have started
const SLEEPING = 35 // helpers that wait to be woken
const WORKED = 36 // helpers that have computed a part
const FAILED = 37 // whether a part of it failed
const STEPS = 48 // from here on the steps: kernel, number of arguments, arguments

/** Parts per thread: who is late, or slow, takes fewer. */
const PARTS_EACH = 8
/** Operations that are worth a hand-over: some microseconds. */
const WORTH = 16_384
/** How often a helper looks before it sleeps: some tens of microseconds, so that it is awake for the next kernel of a run. */
const LOOKS = 20_000

export type Kernel = (...numbers: number[]) => void

/** A call of a kernel; where an iteration has work, the last two numbers are a range: 0 and how many iterations there are. */
export interface Step {
  readonly kernel: number
  readonly numbers: number[]
  readonly work: number
}

/** Threads that compute parts of one step after the other: this one, and helpers. */
export interface Team {
  /** Takes down what will be run; each step keeps its number. */
  prepare(steps: readonly Step[]): void
  /** Takes down the numbers of a step again, where they have changed. */
  update(step: number, numbers: readonly number[]): void
  /** Runs a step; {@return whether it has parts: if not, nothing was done} */
  run(step: number): boolean
  /** {@return how many threads have computed something} */
  threads(): number
  close(): void
}

interface Task { module: WebAssembly.Module; memory: WebAssembly.Memory; at: number; size: number; names: readonly string[] }

/** {@return whether a kernel may be large enough for several threads, as far as its sizes are known} */
export function isWorthThreads({ work, parameters }: KernelPlan): boolean {
  const extent = parameters?.at(-1)
  return work !== undefined && !(typeof work === 'number' && typeof extent === 'number' && work * extent < 2 * WORTH)
}

/** {@return the words that a team needs for steps of so many numbers each} */
export function wordsOf(lengths: readonly number[]): number {
  return lengths.reduce((words, length) => words + 2 + length, STEPS)
}

/**
 * {@return how many threads to use}: more than one needs memory that threads share, which browsers give to pages that are
 * isolated across origins.
 */
export function threadsFor(wanted: number | undefined): number {
  const count = wanted ?? Math.min(navigator.hardwareConcurrency, 4)
  if (count === 1 || globalThis.crossOriginIsolated) return count
  if (wanted) console.warn(`WebDNN: threads: expected a page that is isolated across origins (by COOP and COEP headers), got one that is not; one thread computes instead of ${wanted}`)
  return 1
}

/** {@return a module that imports its memory as one that threads share, from one that does not} */
export function withSharedMemory(code: Uint8Array): Uint8Array<ArrayBuffer> {
  // … 2 (imports) size 1 "env" "memory" 2 (memory) 0 (no maximum) 1 (page): the size is one byte, the flags become 3
  const at = code.findIndex((byte, i) => byte === 2 && code[i + 1]! < 120 && code[i + 4] === 0x65 && code[i + 8] === 0x6d && code[i + 14] === 2)
  const result = new Uint8Array(code.length + 3)
  result.set(code.subarray(0, at + 16))
  result[at + 1]! += 3
  result.set([3, code[at + 16]!, 0x80, 0x80, 4], at + 15) // at most 65536 pages
  result.set(code.subarray(at + 17), at + 20)
  return result
}

/** Starts helpers, which join as soon as they are ready; those that cannot be started are missed, and a warning says why. */
export function createTeam(count: number, task: Task, functions: readonly Kernel[]): Team {
  const words = wordsAt(task)
  const work = workOn(words, functions, false)
  const helpers: Worker[] = []
  const miss = (why: string) => console.warn(`WebDNN: threads: one fewer than ${count}: ${why}`)
  for (let i = 1; i < count; i++) {
    try {
      const helper = startWorker(HELPER)
      helper.onerror = event => miss(whyStopped(event))
      helper.postMessage(task)
      helpers.push(helper)
    } catch (error) {
      miss(reason(error))
    }
  }
  let places: number[] = []
  let parts: number[] = []
  return {
    prepare(steps) {
      let at = STEPS
      places = steps.map(({ kernel, numbers }) => {
        words.set([kernel, numbers.length, ...numbers], at)
        return (at += 2 + numbers.length) - 2 - numbers.length
      })
      parts = steps.map(({ numbers, work }) => work ? Math.min(numbers.at(-1)!, Math.floor(numbers.at(-1)! * work / WORTH), PARTS_EACH * count) : 1)
    },
    update(step, numbers) {
      words.set(numbers, places[step]! + 2)
    },
    run(step) {
      const several = parts[step]!
      if (several < 2 || !Atomics.load(words, JOINED)) return false
      words[STEP] = places[step]!
      words[PARTS] = several
      Atomics.store(words, DONE, 0)
      Atomics.store(words, REMAINING, several)
      if (Atomics.load(words, SLEEPING)) Atomics.notify(words, REMAINING)
      const failure = work()
      while (Atomics.load(words, DONE) < several) pause() // for parts that others have taken; a page may not sleep
      if (Atomics.exchange(words, FAILED, 0)) throw failure ?? new Error('in another thread')
      return true
    },
    threads: () => 1 + Atomics.load(words, WORKED),
    close() {
      for (const helper of helpers) helper.terminate()
    },
  }
}

/** In a worker that `createTeam` started: computes parts until the worker is ended. */
export function help(): void {
  const scope = inWorker(HELPER)
  if (!scope) return
  scope.onmessage = ({ data }: MessageEvent<Task>) => {
    const { exports } = new WebAssembly.Instance(data.module, { env: { memory: data.memory } })
    const words = wordsAt(data)
    const work = workOn(words, data.names.map(name => exports[name] as Kernel), true)
    Atomics.add(words, JOINED, 1)
    for (let looks = 0; ; looks++) {
      if (Atomics.load(words, REMAINING)) {
        work()
        looks = 0
      } else if (looks < LOOKS) {
        pause()
      } else {
        Atomics.add(words, SLEEPING, 1)
        Atomics.wait(words, REMAINING, 0)
        Atomics.sub(words, SLEEPING, 1)
        looks = 0
      }
    }
  }
}

/** {@return a function that takes and computes parts of the present step until none is left, and gives what it failed with} */
function workOn(words: Int32Array, functions: readonly Kernel[], isHelper: boolean): () => unknown {
  const numbers: number[][] = functions.map(() => [])
  let isNew = isHelper

  function compute(part: number): void {
    const at = words[STEP]!
    const kernel = words[at]!
    const count = words[at + 1]!
    const extent = words[at + 1 + count]!
    const given = numbers[kernel]!
    for (let i = 0; i < count; i++) given[i] = words[at + 2 + i]!
    given[count - 2] = Math.floor(extent * part / words[PARTS]!)
    given[count - 1] = Math.floor(extent * (part + 1) / words[PARTS]!)
    functions[kernel]!(...given)
  }

  return () => {
    let failure: unknown
    for (let left = Atomics.load(words, REMAINING); left > 0;) {
      // who takes a part out of those that are left knows that the step is the present one until the part is done
      const seen = Atomics.compareExchange(words, REMAINING, left, left - 1)
      if (seen !== left) {
        left = seen
        continue
      }
      try {
        compute(--left)
      } catch (error) {
        failure = error
        Atomics.store(words, FAILED, 1)
      }
      if (isNew) Atomics.add(words, WORKED, 1)
      isNew = false
      Atomics.add(words, DONE, 1)
      left = Atomics.load(words, REMAINING)
    }
    return failure
  }
}

const wordsAt = ({ memory, at, size }: Task) => new Int32Array(memory.buffer, at, size)

/** Tells the processor that this thread only waits, where the browser can. */
const pause = (Atomics as { pause?(): void }).pause ?? (() => {})
