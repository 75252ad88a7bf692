import type { Backend, BackendOptions, Device, Place } from './backend'
import type { KernelPlan, Plan, Sizes, StoredArray, TypedArray } from './descriptor'
import { NO_SIZES, divide, evaluate, knownAfter, measure, resolve, stops, volume } from './descriptor'
import { BackendError, KernelError, WebDNNError, reason } from './errors'
import { asStored, roundsLikeUs, widen, withoutHalves } from './half'
import { runLoops } from './loops'
import { decode } from './weights'

// TypeScript's own types of WebGPU leave its constants out.
declare const GPUBufferUsage: Record<'MAP_READ' | 'COPY_SRC' | 'COPY_DST' | 'UNIFORM' | 'STORAGE', number>
declare const GPUShaderStage: { COMPUTE: number }
declare const GPUMapMode: { READ: number }

const LIMITS = [
  'maxStorageBufferBindingSize', 'maxBufferSize', 'maxStorageBuffersPerShaderStage', 'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup', 'maxComputeWorkgroupSizeX', 'maxComputeWorkgroupSizeY', 'maxComputeWorkgroupSizeZ',
] as const
const FEATURES = ['shader-f16', 'subgroups'] as const
const MAX_GROUPS = 65535

/** Storage buffers are at least 16 bytes and a multiple of 16, because kernels may read whole vectors. */
const aligned = (bytes: number) => Math.max(16, Math.ceil(bytes / 16) * 16)

const F16 = 'enable f16;alias half=f16;'
/** Each number to f16 and back, four at once and by itself: compilers have an instruction for each. */
const CONVERT = `${F16}@group(0)@binding(0)var<storage,read>X:array<vec4f>;@group(0)@binding(1)var<storage,read_write>Y:array<vec4f>;
@compute@workgroup_size(1)fn main(@builtin(global_invocation_id)g:vec3u){let x=X[g.x];let n=arrayLength(&X);
Y[g.x]=vec4f(vec4<f16>(x));Y[g.x+n]=vec4f(f32(f16(x.x)),f32(f16(x.y)),f32(f16(x.z)),f32(f16(x.w)));}`

/** Everything that touches WebGPU; no other file does. */
export function openWebGPU(options: BackendOptions['webgpu'] = {}): Device {
  if (typeof navigator === 'undefined' || !navigator.gpu) {
    throw new BackendError('BACKEND_UNAVAILABLE', 'this browser has no WebGPU (navigator.gpu), or the page is not in a secure context')
  }
  let closed = false
  const opening = requestDevice(options)
  opening.catch(() => {}) // whoever awaits it sees the error
  return {
    file: 'graph_webgpu.json',
    async create(plan, files) {
      const arriving = files.weights()
      arriving.catch(() => {}) // what fails earlier does not wait for them
      return createWebGPU(await opening, plan, arriving)
    },
    close() {
      if (!closed) opening.then(device => device.destroy(), () => {})
      closed = true
    },
  }
}

async function requestDevice({ limits = {}, features }: NonNullable<BackendOptions['webgpu']>): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' })
  if (!adapter) throw new BackendError('BACKEND_UNAVAILABLE', 'WebGPU has no adapter on this device')
  try {
    return await adapter.requestDevice({
      requiredFeatures: FEATURES.filter(name => adapter.features.has(name) && (features ?? FEATURES).includes(name)),
      requiredLimits: Object.fromEntries(LIMITS.map(name => [name, Math.min(adapter.limits[name], limits[name] ?? Infinity)])),
    })
  } catch (cause) {
    throw new BackendError('BACKEND_UNAVAILABLE', `WebGPU gave no device: ${reason(cause)}`, { cause })
  }
}

async function createWebGPU(device: GPUDevice, asked: Plan, arriving: Promise<Place>): Promise<Backend> {
  const { queue } = device
  let gone = false
  let failure: unknown
  device.lost.then(() => { gone = true })
  device.onuncapturederror = event => { failure ??= event.error }

  const layouts = new Map<string, GPUBindGroupLayout>()
  const layoutOf = (key: string) => {
    const known = layouts.get(key)
    if (known) return known
    const entries = [...key].map((kind, binding): GPUBindGroupLayoutEntry => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type: kind === 'r' ? 'read-only-storage' : kind === 'w' ? 'storage' : 'uniform' },
    }))
    const layout = device.createBindGroupLayout({ entries })
    layouts.set(key, layout)
    return layout
  }
  const keyOf = ({ buffers, writes, parameters }: KernelPlan) =>
    'r'.repeat(buffers.length - writes) + 'w'.repeat(writes) + (parameters?.length ? 'u' : '')

  // Numbers that are only read are halves on any device: shaders unpack them.
  const hasHalves = asked.buffers.some(b => b.type === 'float16')
  const storesHalves = device.features.has('shader-f16')
  const plan = storesHalves ? asked : withoutHalves(asked)
  const isHalf = (b: number) => plan.buffers[b]!.type === 'float16'
  const bytesOf = (b: number, elements: number) => aligned(elements * (isHalf(b) ? 2 : 4))
  const rounds = hasHalves && storesHalves && await roundsLikeUs(numbers => convert(device, numbers)).catch(() => false)
  const head = !hasHalves ? '' : `${storesHalves ? F16 : 'alias half=f32;'}const rounds=${rounds};`

  // All pipelines compile at once, while the weights are on their way.
  const modules = plan.modules.map(code => device.createShaderModule({ code: head + code }))
  const pipelines = new Map<string, Promise<GPUComputePipeline>>()
  const compile = (kernel: KernelPlan) => {
    const key = `${keyOf(kernel)} ${kernel.module}`
    const known = pipelines.get(key)
    if (known) return known
    const module = modules[kernel.module as number]!
    const pipeline = device.createComputePipelineAsync({
      label: kernel.name,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layoutOf(keyOf(kernel))] }),
      compute: { module, entryPoint: 'main' },
    }).catch(async cause => {
      const message = (await module.getCompilationInfo()).messages.find(m => m.type === 'error')
      const text = message ? `line ${message.lineNum}: ${message.message}` : reason(cause)
      throw new KernelError('KERNEL', `kernel '${kernel.name}': WebGPU did not compile it: ${text}`, { node: kernel.name, cause })
    })
    pipelines.set(key, pipeline)
    return pipeline
  }
  const compiling = Promise.all(plan.kernels.map(compile))
  compiling.catch(() => {})

  const weights = (await arriving)()
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC
  const { initial, kept, lasting, ended } = divide(plan)
  const makeConstant = (b: number) => {
    const { weight, elements } = plan.buffers[b]!
    const constant = device.createBuffer({ size: bytesOf(b, evaluate(elements, NO_SIZES)), usage })
    if (weight) queue.writeBuffer(constant, 0, whole(decode(plan, b, weights)))
    return constant
  }
  // weights that runs read, and what is computed from weights, once
  const constants = plan.buffers.map(({ weight }, b) => (weight || kept.has(b)) && lasting.has(b) ? makeConstant(b) : undefined)
  const compiled = await compiling

  const slots = new Map<number, GPUBuffer>()
  let uniforms: GPUBuffer | undefined
  let staging: GPUBuffer | undefined
  let steps: Step[] = []
  let outputs: Part[] = []
  let given: Sizes | undefined // what the placeholders say
  let known: Sizes | undefined // what is known of all sizes
  let places: number[] = [] // of each kernel's parameters, in bytes
  const bound: GPUBufferBinding[] = [] // by buffer of the plan
  const pauses = stops(plan)
  const isPlanned = knownAfter(plan).every(size => size < 0) // all memory, before a run
  const least = 4 * Math.max(4, ...pauses.map(({ sizes }) => sizes.length))

  function grow(old: GPUBuffer | undefined, size: number, usage: GPUBufferUsageFlags): GPUBuffer {
    if (old && old.size >= size) return old
    old?.destroy()
    return device.createBuffer({ size, usage })
  }

  /** Runs what may exhaust memory or break a rule of WebGPU, and turns either into an error. */
  async function checked<T>(what: string, action: () => T): Promise<T> {
    device.pushErrorScope('validation')
    device.pushErrorScope('out-of-memory')
    const result = action()
    const [memory, validation] = await Promise.all([device.popErrorScope(), device.popErrorScope()])
    if (memory ?? validation) forget()
    if (memory) throw new WebDNNError('MEMORY', `WebGPU: ${what}: not enough memory: ${reason(memory)}`)
    if (validation) throw new BackendError('BACKEND_UNAVAILABLE', `WebGPU: ${what}: ${reason(validation)}`, { cause: validation })
    return result
  }

  /** What could not be made is made anew, once it is smaller. */
  function forget(): void {
    for (const buffer of [...slots.values(), staging]) buffer?.destroy()
    slots.clear()
    staging = undefined
  }

  function stepOf(k: number, resources: readonly GPUBufferBinding[], counts: readonly number[]): Step {
    const kernel = plan.kernels[k]!
    const entries = resources.map((resource, binding) => ({ binding, resource }))
    return { pipeline: compiled[k]!, group: device.createBindGroup({ label: kernel.name, layout: layoutOf(keyOf(kernel)), entries }), counts }
  }

  /** Makes what the kernels are given for these sizes; what fits them already stays. */
  function prepare(sizes: Sizes): void {
    known = sizes
    const bytes = new Map<number, number>()
    plan.buffers.forEach((buffer, i) => {
      if (buffer.slot !== undefined && !kept.has(i)) bytes.set(buffer.slot, Math.max(bytes.get(buffer.slot) ?? 0, bytesOf(i, sizes.elements[i]!)))
    })
    for (const [slot, size] of bytes) slots.set(slot, grow(slots.get(slot), size, usage))
    const isNew = plan.buffers.map((buffer, i) => {
      const binding = { buffer: constants[i] ?? slots.get(buffer.slot!)!, size: bytesOf(i, sizes.elements[i]!) }
      const old = bound[i]
      if (old?.buffer === binding.buffer && old.size === binding.size) return false
      bound[i] = binding
      return true
    })

    const stride = device.limits.minUniformBufferOffsetAlignment
    let total = 0
    places = sizes.parameters.map(({ length }) => {
      const at = total
      total += Math.ceil(length * 4 / stride) * stride
      return at
    })
    const numbers = new Int32Array(total / 4)
    if (total) uniforms = grow(uniforms, total, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST)
    steps = plan.kernels.map((kernel, k) => {
      if (k < initial) return steps[k]!
      const parameters = sizes.parameters[k]!
      const offset = places[k]!
      numbers.set(parameters, offset / 4)
      const counts = split(sizes.groups[k]!)
      const old = steps[k]
      if (old && !kernel.buffers.some(b => isNew[b])) return { ...old, counts }
      const resources = kernel.buffers.map(b => bound[b]!)
      if (parameters.length) resources.push({ buffer: uniforms!, offset, size: Math.ceil(parameters.length / 4) * 16 })
      return stepOf(k, resources, counts)
    })
    if (total) queue.writeBuffer(uniforms!, 0, numbers)

    let end = 0
    outputs = plan.outputs.map(({ buffer: b }, i) => {
      const elements = volume(sizes.outputs[i]!)
      const bytes = isHalf(b) ? Math.ceil(elements / 2) * 4 : elements * 4 // copies are multiples of 4
      const output = { buffer: bound[b]!.buffer, at: end, bytes }
      end += aligned(bytes)
      return output
    })
    staging = grow(staging, Math.max(least, end), GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST)
  }

  /** The queue keeps each step of a loop in order with what kernels are told of it. */
  const repeating = {
    submit: (first: number, end: number) => encode(first, end),
    tell: (k: number, parameters: readonly number[]) => queue.writeBuffer(uniforms!, places[k]!, new Int32Array(parameters)),
    async read(b: number) {
      let number = 0
      const part = { buffer: bound[b]!.buffer, at: 0, bytes: 4 }
      encode(0, 0, [part])
      await read([part], mapped => { number = new Int32Array(mapped)[0]! })
      return number
    },
  }

  /** Runs kernels from one on, before another, loops as often as they say; then copies; {@return how many ran} */
  async function perform(first: number, end: number, parts: readonly Part[]): Promise<number> {
    const [count, next] = await runLoops(plan, known!.bindings, first, end, repeating)
    return count + encode(next, end, parts)
  }

  /** Runs kernels from one on, before another; {@return how many} */
  function encode(first: number, end: number, parts: readonly Part[] = []): number {
    const encoder = device.createCommandEncoder()
    const pass = encoder.beginComputePass()
    let count = 0
    for (let k = first; k < end; k++) {
      const { pipeline, group, counts } = steps[k]!
      if (counts.some(groups => groups < 1)) continue
      pass.setPipeline(pipeline)
      pass.setBindGroup(0, group)
      pass.dispatchWorkgroups(counts[0]!, counts[1], counts[2])
      count++
    }
    pass.end()
    for (const { buffer, at, bytes } of parts) if (bytes) encoder.copyBufferToBuffer(buffer, 0, staging!, at, bytes)
    queue.submit([encoder.finish()])
    return count
  }

  /** Lets somebody read what was copied. Runs come one after the other, so that one buffer to map is enough. */
  async function read(parts: readonly Part[], take: (mapped: ArrayBuffer) => void): Promise<void> {
    const last = parts.at(-1)
    const size = Math.max(least, last ? last.at + last.bytes : 0)
    await staging!.mapAsync(GPUMapMode.READ, 0, size)
    try {
      take(staging!.getMappedRange(0, size))
    } finally {
      staging!.unmap()
    }
    if (failure) {
      const cause = failure
      failure = undefined
      throw new KernelError('KERNEL', `WebGPU: the run failed: ${reason(cause)}`, { cause })
    }
  }

  // what only these kernels read comes when one does, and goes with the last that does
  for (let k = 0; k < initial; k++) {
    const { buffers, groups = [] } = plan.kernels[k]!
    const resources = buffers.map(b => ({ buffer: constants[b] ??= makeConstant(b) }))
    steps[k] = stepOf(k, resources, split(groups.map(size => evaluate(size, NO_SIZES))))
    encode(k, k + 1)
    for (const b of ended(k)) constants[b]!.destroy()
  }

  return {
    resize: sizes => checked('memory for the model', () => prepare(given = sizes)),

    async run(from, to) {
      from.forEach((array, i) => {
        const { buffer: b, dtype } = plan.inputs[i]!
        if (array.length) queue.writeBuffer(bound[b]!.buffer, 0, whole(asStored(array, dtype, isHalf(b))))
      })
      const measured = new Map<string, number>()
      let next = initial
      let count = 0
      for (const { kernel, sizes } of pauses) {
        const parts = sizes.map(({ buffer }, i) => ({ buffer: bound[buffer]!.buffer, at: i * 4, bytes: 4 }))
        count += await perform(next, kernel, parts)
        next = kernel
        await read(parts, mapped => sizes.forEach((size, i) => measured.set(size.symbol, measure(plan, size, new Int32Array(mapped)[i]!))))
        const found = resolve(plan, new Map([...given!.bindings, ...measured]))
        if (isPlanned) prepare(found)
        else await checked('memory for the model', () => prepare(found))
      }
      count += await perform(next, steps.length, outputs)
      await read(outputs, mapped => {
        const arrays = to(measured)
        outputs.forEach(({ at, bytes }, i) => {
          const array = arrays[i]!
          if (isHalf(plan.outputs[i]!.buffer)) array.set(widen(new Uint16Array(mapped, at, array.length)))
          else copyInto(array, mapped, at, bytes)
        })
      })
      return count
    },

    lost: () => gone,
    dispose: () => device.destroy(),
  }
}

/** A kernel with what it is given. */
interface Step { pipeline: GPUComputePipeline; group: GPUBindGroup; counts: readonly number[] }

/** {@return numbers that a device made f16, and float32 again}; NaN where it does so in two ways */
async function convert(device: GPUDevice, numbers: Float32Array<ArrayBuffer>): Promise<Float32Array> {
  const { byteLength, length } = numbers
  const source = device.createBuffer({ size: byteLength, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST })
  const target = device.createBuffer({ size: 2 * byteLength, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC })
  const staging = device.createBuffer({ size: 2 * byteLength, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST })
  try {
    device.queue.writeBuffer(source, 0, numbers)
    const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module: device.createShaderModule({ code: CONVERT }) } })
    const entries = [source, target].map((buffer, binding) => ({ binding, resource: { buffer } }))
    const encoder = device.createCommandEncoder()
    const pass = encoder.beginComputePass()
    pass.setPipeline(pipeline)
    pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }))
    pass.dispatchWorkgroups(length / 4)
    pass.end()
    encoder.copyBufferToBuffer(target, 0, staging, 0, 2 * byteLength)
    device.queue.submit([encoder.finish()])
    await staging.mapAsync(GPUMapMode.READ)
    const both = new Float32Array(staging.getMappedRange().slice(0))
    return numbers.map((_, i) => Object.is(both[i], both[i + length]) ? both[i]! : NaN)
  } finally {
    for (const buffer of [source, target, staging]) buffer.destroy()
  }
}

/** What is copied to where it can be read. */
interface Part { buffer: GPUBuffer; at: number; bytes: number }

function copyInto(array: TypedArray, mapped: ArrayBuffer, at: number, bytes: number): void {
  new Uint8Array(array.buffer, array.byteOffset, bytes).set(new Uint8Array(mapped, at, bytes))
}

/** {@return numbers as words of four bytes, which WebGPU copies} */
function whole(data: StoredArray): StoredArray {
  if (data.byteLength % 4 === 0) return data
  const padded = new Uint16Array(data.length + 1)
  padded.set(data)
  return padded
}

/** One axis may need more groups than a dispatch takes: it goes on two. */
function split(groups: readonly number[]): readonly number[] {
  return groups.length === 1 && groups[0]! > MAX_GROUPS ? [MAX_GROUPS, Math.ceil(groups[0]! / MAX_GROUPS)] : groups
}
