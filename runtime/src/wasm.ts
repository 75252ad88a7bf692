import type { Backend, BackendOptions, Device, Files } from './backend'
import type { BufferPlan, FileEntry, Loop, Plan, Sizes, TypedArray } from './descriptor'
import { NO_SIZES, bytesOf, divide, evaluate, knownAfter, measure, resolve, symbols, unmeasured, viewOf, volume } from './descriptor'
import { BackendError, DescriptorError, KernelError, WebDNNError, reason } from './errors'
import { asStored } from './half'
import type { Kernel, Step, Team } from './threads'
import { createTeam, isWorthThreads, threadsFor, withSharedMemory, wordsOf } from './threads'
import { warmUp } from './warm'
import { decode } from './weights'

const FILE = 'graph_webassembly.json'
const PAGE = 65536
const MOST_PAGES = 65536
const ALIGNMENT = 64
/** What kernels may read past the end of a buffer. */
const SLACK = 64

/** A module of one function: its type section, and its body with the opcodes to probe for. */
const module = (type: readonly number[], body: readonly number[]) => new Uint8Array([
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
  1, type.length + 1, 1, ...type,
  3, 2, 1, 0,
  10, body.length + 4, 1, body.length + 2, 0, ...body, 0x0b,
])
/** () → v128: i32.const 0, i8x16.splat */
const SIMD = module([0x60, 0, 1, 0x7b], [0x41, 0, 0xfd, 15])
/** (v128) → v128: f32x4.relaxed_madd of the argument with itself */
const RELAXED = module([0x60, 1, 0x7b, 1, 0x7b], [0x20, 0, 0x20, 0, 0x20, 0, 0xfd, 0x85, 2])

/** Everything that touches WebAssembly; no other file does. */
export function openWebAssembly(options: BackendOptions['webassembly'] = {}, threads?: number): Device {
  if (typeof WebAssembly === 'undefined') throw new BackendError('BACKEND_UNAVAILABLE', 'this browser has no WebAssembly')
  if (options.simd === false || !WebAssembly.validate(SIMD)) {
    throw new BackendError('BACKEND_UNAVAILABLE', 'this browser has WebAssembly without SIMD (it came with Chrome 91, Firefox 89, Safari 16.4)')
  }
  let backend: Backend | undefined
  return {
    file: FILE,
    async create(plan, files) {
      const count = plan.kernels.some(isWorthThreads) ? threadsFor(threads) : 1
      return backend = await createWebAssembly(codeOf(plan, options), count, plan, files)
    },
    close: () => backend?.dispose(),
  }
}

/** {@return the module for this browser: the one with relaxed SIMD where it has that} */
export function codeOf(plan: Plan, options: BackendOptions['webassembly'] = {}): FileEntry {
  const relaxed = options.relaxedSimd !== false && WebAssembly.validate(RELAXED)
  const entry = (relaxed ? plan.code?.relaxed : undefined) ?? plan.code?.simd
  if (!entry) throw new DescriptorError('DESCRIPTOR', `${FILE}: code: expected a module "simd", got none`)
  return entry
}

async function createWebAssembly(entry: FileEntry, threads: number, plan: Plan, files: Files): Promise<Backend> {
  const isShared = threads > 1
  const compiling = files.load(entry).then(bytes => WebAssembly.compile(isShared ? withSharedMemory(bytes) : bytes)).catch(cause => {
    if (cause instanceof WebDNNError || !(cause instanceof WebAssembly.CompileError)) throw cause
    throw new BackendError('BACKEND_UNAVAILABLE', `${entry.file}: WebAssembly did not compile it: ${reason(cause)}`, { cause })
  })
  compiling.catch(() => {})

  // Weights come first and stay; slots follow, and move when sizes change; behind them, in each run anew, those whose sizes
  // it has measured. Address 0 is nobody's.
  const addresses: number[] = []
  let end = ALIGNMENT
  const place = (bytes: number) => {
    const at = end
    end = Math.ceil((at + bytes + SLACK) / ALIGNMENT) * ALIGNMENT
    return at
  }
  const fixedBytes = (buffer: BufferPlan) => evaluate(buffer.elements, NO_SIZES) * bytesOf(buffer.type)
  const { bytes: fileBytes = 0 } = plan.weights ?? {}
  // where the file itself is what kernels read, it is loaded to where they read it
  const isInPlace = plan.buffers.every(({ weight, encoding }) => !weight || weight[0] % ALIGNMENT === 0 && (!encoding || encoding === 'raw'))
  const at = isInPlace ? place(fileBytes) : 0
  // so does what is computed from weights, once; but what only that reads lies where slots come afterwards
  const { initial, kept, lasting } = divide(plan)
  const placeConstants = (areLasting: boolean) => plan.buffers.forEach((buffer, i) => {
    if (buffer.weight && isInPlace) addresses[i] = at + buffer.weight[0]
    else if ((buffer.weight || kept.has(i)) && lasting.has(i) === areLasting) addresses[i] = place(fixedBytes(buffer))
  })
  placeConstants(true)
  const size = wordsOf(plan.kernels.map(kernel => kernel.buffers.length + (kernel.parameters?.length ?? 0)))
  const words = isShared ? place(size * 4) : 0
  const fixed = end
  placeConstants(false)
  const memory = makeMemory(Math.ceil(end / PAGE), isShared)

  let areHere = false
  const arriving = files.weights(isInPlace ? () => new Uint8Array(memory.buffer, at, fileBytes) : undefined).finally(() => { areHere = true })
  arriving.catch(() => {})
  const compiled = await compiling
  const functions = await instantiate(compiled, memory, plan, entry.file)
  const names = plan.kernels.map(kernel => String(kernel.module))
  const team: Team | undefined = isShared ? createTeam(threads, { module: compiled, memory, at: words, size, names }, functions) : undefined
  const stopped = (kernel: number, cause: unknown) => {
    const { name } = plan.kernels[kernel]!
    return new KernelError('KERNEL', `kernel '${name}': WebAssembly stopped: ${reason(cause)}`, { node: name, cause })
  }
  let known: Sizes | undefined // what of the sizes is known
  const view = (b: number, shape: readonly number[]) => viewOf(plan.buffers[b]!.type, memory.buffer, addresses[b]!, volume(shape)) as TypedArray
  /** Runs steps from one on, up to a kernel; {@return the step that comes next} */
  function perform(steps: readonly Step[], from = 0, end = Infinity): number {
    for (let i = from; ; i++) {
      const step = steps[i]
      if (!step || step.kernel >= end) return i
      const loop = plan.loops?.find(({ kernel }) => kernel === step.kernel)
      if (loop) i = repeat(loop, steps, i) - 1
      else call(steps, i)
    }
  }
  function call(steps: readonly Step[], i: number): void {
    const { kernel, numbers } = steps[i]!
    try {
      if (!team?.run(i)) functions[kernel]!(...numbers)
    } catch (cause) {
      throw stopped(kernel, cause)
    }
  }
  /** Runs the steps of a loop, the first of which is given; {@return the step that comes next} */
  function repeat({ kernel, kernels, symbol, times, while: goesOn }: Loop, steps: readonly Step[], first: number): number {
    const own = steps.slice(first).filter(step => step.kernel < kernel + kernels)
    const bindings = new Map(known!.bindings)
    const count = evaluate(times, bindings)
    const changing = own.flatMap((step, i) => plan.kernels[step.kernel]!.parameters?.some(size => symbols(size).includes(symbol)) ? first + i : [])
    for (let t = 0; t < count && (goesOn === undefined || view(goesOn, [])[0]); t++) {
      bindings.set(symbol, t)
      for (const i of changing) {
        const { kernel, numbers } = steps[i]!
        const { buffers, parameters } = plan.kernels[kernel]!
        parameters!.forEach((size, p) => { numbers[buffers.length + p] = evaluate(size, bindings) })
        team?.update(i, numbers)
      }
      for (let i = first; i < first + own.length; i++) call(steps, i)
    }
    return first + own.length
  }
  try {
    if (!areHere) await warm(compiled, isShared, plan, () => !areHere)
    const file = (await arriving)()
    plan.buffers.forEach((buffer, i) => {
      if (!buffer.weight) return
      const data = decode(plan, i, file)
      if (!isInPlace) viewOf(buffer.type, memory.buffer, addresses[i]!, data.length).set(data)
    })
    const first = plan.kernels.slice(0, initial).map(({ buffers, parameters = [], work = 0 }, k) => {
      return { kernel: k, numbers: [...buffers.map(b => addresses[b]!), ...parameters.map(size => evaluate(size, NO_SIZES))], work: evaluate(work, NO_SIZES) }
    })
    team?.prepare(first)
    perform(first)
  } catch (error) {
    team?.close()
    throw error
  }

  let steps: Step[] = []
  let inputs: TypedArray[] = []
  let outputs: TypedArray[] = []
  let planned = end // where that ends which is known before a run
  const after = knownAfter(plan)

  /** Takes down what the kernels get, once it is known where the buffers lie that are known after a size. */
  function prepare(sizes: Sizes, size: number): void {
    known = sizes
    steps = plan.kernels.flatMap((kernel, k) => kernel.once || sizes.groups[k]!.includes(0) ? [] : {
      kernel: k,
      numbers: [...kernel.buffers.map(b => addresses[b]!), ...sizes.parameters[k]!],
      work: sizes.work[k]!,
    })
    team?.prepare(steps)
    inputs = plan.inputs.map((port, i) => view(port.buffer, sizes.inputs[i]!))
    outputs = plan.outputs.map((port, i) => view(port.buffer, after[port.buffer]! > size ? [0] : sizes.outputs[i]!))
  }

  /** Finds room for the slots of buffers that are known after a size, and takes down what the kernels get. */
  function allocate(sizes: Sizes, size: number): void {
    const slots = new Map<number, number>() // bytes
    const here = plan.buffers.flatMap(({ slot }, i) => slot !== undefined && after[i] === size && !kept.has(i) ? i : [])
    for (const i of here) {
      const { slot, type } = plan.buffers[i]!
      slots.set(slot!, Math.max(slots.get(slot!) ?? 0, sizes.elements[i]! * bytesOf(type)))
    }
    const places = new Map([...slots].map(([slot, bytes]) => [slot, place(bytes)]))
    for (const i of here) addresses[i] = places.get(plan.buffers[i]!.slot!)!
    const missing = Math.ceil((end - memory.buffer.byteLength) / PAGE)
    if (missing > 0) {
      try {
        memory.grow(missing) // views made before see nothing any more
      } catch (cause) {
        throw new WebDNNError('MEMORY', `WebAssembly: not enough memory: the model needs ${end} bytes`, { cause })
      }
    }
    prepare(sizes, size)
  }

  return {
    async resize(sizes: Sizes) {
      end = fixed
      after.forEach((size, i) => { if (size >= 0) addresses[i] = 0 })
      allocate(sizes, -1)
      planned = end
    },

    async run(from, to) {
      from.forEach((array, i) => inputs[i]!.set(asStored(array, plan.inputs[i]!.dtype, false) as TypedArray))
      const measured = new Map<string, number>()
      let next = 0
      end = planned
      for (const [i, size] of (plan.measured ?? []).entries()) {
        perform(steps, next, size.kernel)
        measured.set(size.symbol, measure(plan, size, view(size.buffer, [])[0]!))
        allocate(resolve(plan, new Map([...known!.bindings, ...measured])), i)
        next = steps.filter(step => step.kernel < size.kernel).length
      }
      perform(steps, next)
      to(measured).forEach((array, i) => array.set(outputs[i]!))
      return steps.length
    },

    threads: () => team?.threads() ?? 1,
    lost: () => false,
    dispose() {
      team?.close()
      // the memory itself goes when nothing refers to it any more
      steps = []
      inputs = outputs = []
    },
  }
}

async function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory, plan: Plan, file: string): Promise<Kernel[]> {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } })
  return plan.kernels.map(kernel => {
    const run = exports[kernel.module]
    if (typeof run !== 'function') {
      throw new DescriptorError('DESCRIPTOR', `${file}: expected an exported function '${kernel.module}', got ${typeof run}`, { node: kernel.name })
    }
    return run as Kernel
  })
}

/** Runs kernels on memory that is thrown away, see `warmUp`. What goes wrong there is of no consequence. */
async function warm(module: WebAssembly.Module, isShared: boolean, plan: Plan, isWanted: () => boolean): Promise<void> {
  try {
    const ones = new Map([...plan.placeholders.map((name): [string, number] => [name, 1]), ...unmeasured(plan)])
    const largest = Math.max(...plan.buffers.map(({ type, elements }) => evaluate(elements, ones) * bytesOf(type)))
    const memory = makeMemory(Math.ceil((ALIGNMENT + largest + SLACK) / PAGE), isShared)
    await warmUp(plan, await instantiate(module, memory, plan, FILE), ALIGNMENT, ones, isWanted)
  } catch {
    // then the first run is slower
  }
}

function makeMemory(pages: number, isShared: boolean): WebAssembly.Memory {
  // memory that threads share must say how far it may grow: as far as the browser has room for
  for (let maximum = MOST_PAGES; ; maximum /= 2) try {
    return new WebAssembly.Memory(isShared ? { initial: pages, maximum, shared: true } : { initial: pages })
  } catch (cause) {
    if (isShared && maximum / 2 >= pages) continue
    throw new WebDNNError('MEMORY', `WebAssembly: not enough memory for ${pages * PAGE} bytes of weights`, { cause })
  }
}
