import type { Backend, BackendOptions, Device, Files } from './backend'
import { getConfiguration } from './configuration'
import type { BufferPlan, KernelPlan, Plan, Size, Sizes, StoredArray, StoredType, TypedArray } from './descriptor'
import { NO_SIZES, arrayOf, divide, evaluate, knownAfter, measure, resolve, storedOf, stops, volume } from './descriptor'
import { BackendError, DescriptorError, KernelError, WebDNNError } from './errors'
import { asStored, withoutHalves } from './half'
import { runLoops } from './loops'
import { decode } from './weights'

/** One triangle that covers the viewport. */
const VERTEX = '#version 300 es\nvoid main(){gl_Position=vec4(vec2(gl_VertexID&1,gl_VertexID>>1)*4.-1.,0,1);}'
/** One texel as it is. */
const COPY = '#version 300 es\nprecision highp float;uniform highp sampler2D t;out vec4 o;void main(){o=texelFetch(t,ivec2(0),0);}'
const PLANS = [16384, 8192, 4096] as const

type GL = WebGL2RenderingContext

/** Everything that touches WebGL; no other file does. */
export function openWebGL(options: BackendOptions['webgl'] = {}): Device {
  // A canvas of the document first: where a user has switched WebGL off, an OffscreenCanvas may have it all the same.
  const canvas = typeof document !== 'undefined' ? document.createElement('canvas') : new OffscreenCanvas(1, 1)
  canvas.width = canvas.height = 1
  const gl = canvas.getContext('webgl2', {
    alpha: false, antialias: false, depth: false, stencil: false, powerPreference: 'high-performance',
  }) as GL | null
  if (!gl) throw new BackendError('BACKEND_UNAVAILABLE', 'this browser has no WebGL2, or it is switched off')
  const close = () => gl.getExtension('WEBGL_lose_context')?.loseContext()
  const refuse = (message: string) => {
    close()
    return new BackendError('BACKEND_UNAVAILABLE', message)
  }
  if (options.floatRenderTargets === false || !gl.getExtension('EXT_color_buffer_float')) {
    throw refuse('WebGL2 on this device cannot draw to textures of floats (EXT_color_buffer_float)')
  }
  const side = Math.min(gl.getParameter(gl.MAX_TEXTURE_SIZE), options.maxTextureSize ?? getConfiguration('MAX_TEXTURE_SIZE', Infinity)!)
  const fits = PLANS.find(size => size <= side)
  if (!fits) throw refuse(`WebGL2 on this device: largest texture: expected at least ${PLANS.at(-1)}, got ${side}`)
  // The plans for larger textures write eight layers at once, the smallest one four, which WebGL2 promises.
  const texture = (options.maxDrawBuffers ?? gl.getParameter(gl.MAX_DRAW_BUFFERS)) < 8 ? PLANS.at(-1)! : fits
  return { file: `graph_webgl_${texture}.json`, create: (plan, files) => createWebGL(gl, plan, files, options.halfRenderTargets), close }
}

/** Where a buffer's elements lie: on a texture of `width` × `height` texels, or on several, its `layers`. */
interface Extent { width: number; height: number; layers: number }

interface Texture { target: GLenum; texture: WebGLTexture; layers: number }

/** How textures hold numbers, and the types in which these are uploaded and read. */
interface Format { internal: number; format: number; type: number; read: number }

function formatOf(gl: GL, type: StoredType): Format {
  switch (type) {
    case 'float32': return { internal: gl.RGBA32F, format: gl.RGBA, type: gl.FLOAT, read: gl.FLOAT }
    // halves are uploaded as such, since drivers may round floats in any way; read as floats, they are what they are
    case 'float16': return { internal: gl.RGBA16F, format: gl.RGBA, type: gl.HALF_FLOAT, read: gl.FLOAT }
    case 'int32': return { internal: gl.RGBA32I, format: gl.RGBA_INTEGER, type: gl.INT, read: gl.INT }
    case 'uint32': return { internal: gl.RGBA32UI, format: gl.RGBA_INTEGER, type: gl.UNSIGNED_INT, read: gl.UNSIGNED_INT }
    default: throw new DescriptorError('DESCRIPTOR', `WebGL: type of a buffer: expected float32, float16, int32 or uint32, got ${type}`)
  }
}

function makeTexture(gl: GL, type: StoredType, { width, height, layers }: Extent): Texture {
  const texture = gl.createTexture()
  const target = layers > 1 ? gl.TEXTURE_2D_ARRAY : gl.TEXTURE_2D
  const { internal } = formatOf(gl, type)
  gl.bindTexture(target, texture)
  if (layers > 1) gl.texStorage3D(target, 1, internal, width, height, layers)
  else gl.texStorage2D(target, 1, internal, width, height)
  for (const [parameter, value] of [
    [gl.TEXTURE_MIN_FILTER, gl.NEAREST], [gl.TEXTURE_MAG_FILTER, gl.NEAREST],
    [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE], [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE],
  ] as const) gl.texParameteri(target, parameter, value)
  return { target, texture, layers }
}

/** {@return a framebuffer that all layers of these textures are written through} */
function makeFramebuffer(gl: GL, textures: readonly Texture[]): WebGLFramebuffer {
  const framebuffer = gl.createFramebuffer()
  gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer)
  const attachments: GLenum[] = []
  for (const { target, texture, layers } of textures) {
    for (let layer = 0; layer < layers; layer++) {
      const attachment = gl.COLOR_ATTACHMENT0 + attachments.length
      if (layers > 1) gl.framebufferTextureLayer(gl.FRAMEBUFFER, attachment, texture, 0, layer)
      else gl.framebufferTexture2D(gl.FRAMEBUFFER, attachment, target, texture, 0)
      attachments.push(attachment)
    }
  }
  gl.drawBuffers(attachments)
  return framebuffer
}

function bindTextures(gl: GL, textures: readonly Texture[]): void {
  for (let i = 0; i < textures.length; i++) {
    gl.activeTexture(gl.TEXTURE0 + i)
    gl.bindTexture(textures[i]!.target, textures[i]!.texture)
  }
}

async function createWebGL(gl: GL, asked: Plan, files: Files, halfRenderTargets?: boolean): Promise<Backend> {
  let gone = false
  gl.canvas.addEventListener('webglcontextlost', () => { gone = true })
  const lost = () => gone || gl.isContextLost()
  const arriving = files.weights()
  arriving.catch(() => {}) // what fails earlier does not wait for them
  gl.bindVertexArray(gl.createVertexArray())
  const hasHalves = asked.buffers.some(({ type, weight }) => type === 'float16' && !weight)
  const plan = hasHalves && !(halfRenderTargets ?? keepsHalves(gl)) ? withoutHalves(asked) : asked
  const programs = compile(gl, plan)
  programs.catch(() => {}) // awaited after the weights
  const weights = (await arriving)()

  function fill({ texture }: Texture, { format, type }: Format, { width, height }: Extent, data: StoredArray): void {
    gl.bindTexture(gl.TEXTURE_2D, texture)
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, height, format, type, data)
  }
  const extentOf = (b: number, elements: number): Extent => {
    const { layers = 1, width: widest = plan.texture } = plan.buffers[b]!
    const texels = Math.max(1, Math.ceil(elements / 4 / layers))
    const width = Math.min(widest, texels)
    return { width, height: Math.ceil(texels / width), layers }
  }

  gl.activeTexture(gl.TEXTURE0)
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 4)
  const { initial, kept, lasting, ended } = divide(plan)
  const makeConstant = (b: number) => {
    const { weight, type, elements } = plan.buffers[b]!
    const extent = extentOf(b, evaluate(elements, NO_SIZES))
    if (extent.height > plan.texture) throw tooLarge(extent, plan.texture)
    const texture = makeTexture(gl, type, extent)
    if (weight) fill(texture, formatOf(gl, type), extent, padded(type, decode(plan, b, weights), extent))
    return texture
  }
  // weights that runs read, and what is computed from weights, once
  const constants = plan.buffers.map(({ weight }, b) => (weight || kept.has(b)) && lasting.has(b) ? makeConstant(b) : undefined)
  const linked = await programs

  let textures: { key: string; texture: Texture; extent: Extent }[] = []
  const framebuffers = new Map<string, WebGLFramebuffer>()
  let draws: Draw[] = []
  let given: Sizes | undefined // what the placeholders say
  let known: Sizes | undefined // what is known of all sizes
  const pauses = stops(plan)
  const isPlanned = knownAfter(plan).every(size => size < 0) // all memory, before a run
  const scalars = gl.createBuffer() // what sizes are read through
  let inputs: { texture: Texture; format: Format; extent: Extent; data: StoredArray; dtype: string; shape: readonly number[]; lane: number }[] = []
  let outputs: Output[] = []

  const keyOf = ({ slot, type, layers = 1 }: BufferPlan) => `${slot} ${type} ${layers}`
  let bySlot = new Map<string, Texture>()
  const textureOf = (b: number) => constants[b] ?? bySlot.get(keyOf(plan.buffers[b]!))!
  const framebufferOf = (targets: readonly number[]) => {
    const key = targets.map(b => constants[b] ? `constant ${b}` : keyOf(plan.buffers[b]!)).join()
    const known = framebuffers.get(key)
    if (known) return known
    const framebuffer = makeFramebuffer(gl, targets.map(textureOf))
    framebuffers.set(key, framebuffer)
    return framebuffer
  }

  /** What one kernel writes: WebGL draws only to textures of one size at once. */
  const together = plan.kernels.filter(({ writes, once }) => writes > 1 && !once)
    .map(({ buffers, writes }) => buffers.slice(-writes).map(b => keyOf(plan.buffers[b]!)))

  /** Slots become textures; a texture serves all buffers of its slot that store one type. */
  function allocate(sizes: Sizes): void {
    const extents = new Map<string, Extent>()
    const cover = (key: string, { width, height, layers }: Extent) => {
      const old = extents.get(key)
      if (old && old.width >= width && old.height >= height) return false
      extents.set(key, { width: Math.max(width, old?.width ?? 1), height: Math.max(height, old?.height ?? 1), layers })
      return true
    }
    plan.buffers.forEach((buffer, i) => {
      if (buffer.slot === undefined || kept.has(i)) return
      const extent = extentOf(i, sizes.elements[i]!)
      if (extent.height > plan.texture) throw tooLarge(extent, plan.texture)
      cover(keyOf(buffer), extent)
    })
    for (const { key, extent } of textures) if (extents.has(key)) cover(key, extent)
    while (together.some(keys => keys.some(key => keys.some(other => cover(key, extents.get(other)!))))) ;
    const before = new Map(textures.map(t => [t.key, t]))
    textures = [...extents].map(([key, extent]) => {
      const old = before.get(key)
      if (old && old.extent.width >= extent.width && old.extent.height >= extent.height) {
        before.delete(key)
        return old
      }
      return { key, extent, texture: makeTexture(gl, key.split(' ')[1] as StoredType, extent) }
    })
    for (const { texture } of before.values()) gl.deleteTexture(texture.texture)
    if (textures.every(t => bySlot.get(t.key) === t.texture)) return
    bySlot = new Map(textures.map(t => [t.key, t.texture]))
    forgetFramebuffers()
  }

  function forgetFramebuffers(): void {
    framebuffers.forEach(framebuffer => gl.deleteFramebuffer(framebuffer))
    framebuffers.clear()
  }

  function drawOf(k: number, [texels = 0]: readonly number[], parameters: readonly number[]): Draw {
    const kernel = plan.kernels[k]!
    const reads = kernel.buffers.slice(0, kernel.buffers.length - kernel.writes)
    const targets = kernel.buffers.slice(reads.length)
    const { layers = 1 } = plan.buffers[targets[0]!]!
    const extent = extentOf(targets[0]!, texels * layers * 4)
    return {
      ...linked[k]!,
      texels,
      framebuffer: framebufferOf(targets),
      extent,
      textures: reads.map(textureOf),
      numbers: [...parameters, extent.width],
    }
  }

  /** Takes down what is drawn and read at these sizes. */
  function prepare(sizes: Sizes): void {
    known = sizes
    draws = plan.kernels.map((_, k) => k < initial ? draws[k]! : drawOf(k, sizes.groups[k]!, sizes.parameters[k]!))

    outputs = plan.outputs.map((port, i) => {
      const { type, lane = -1, layers = 1 } = plan.buffers[port.buffer]!
      const shape = sizes.outputs[i]!
      const extent = extentOf(port.buffer, stored(shape, lane, layers))
      const length = extent.width * extent.height * layers * 4
      const old = outputs[i]
      const isEnough = old && old.data.length >= length
      const pack = old?.pack ?? gl.createBuffer()
      const data = isEnough ? old.data : arrayOf(type, length)
      if (!isEnough) reserve(pack, data.byteLength)
      return { framebuffer: framebufferOf([port.buffer]), format: formatOf(gl, type), extent, pack, data, length, shape, lane }
    })
  }

  function reserve(pack: WebGLBuffer, bytes: number): void {
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, pack)
    // Not a _READ usage: Chromium then keeps a second copy of the buffer, which it has to drop at the next run.
    gl.bufferData(gl.PIXEL_PACK_BUFFER, bytes, gl.STREAM_COPY)
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null)
  }

  const repeating = {
    submit: draw,
    tell(k: number, parameters: readonly number[]) { draws[k]!.numbers = [...parameters, draws[k]!.extent.width] },
    read: async (b: number) => (await numbersIn([b]))[0]!,
  }

  /** Draws what kernels from one on say, before another, loops as often as they say; {@return how many} */
  async function perform(first: number, end: number): Promise<number> {
    const [count, next] = await runLoops(plan, known!.bindings, first, end, repeating)
    return count + draw(next, end)
  }

  /** Draws what kernels from one on say, before another; {@return how many} */
  function draw(first: number, end: number): number {
    let count = 0
    for (let k = first; k < end; k++) {
      const { program, parameters, set, framebuffer, extent, textures, numbers, texels } = draws[k]!
      if (texels < 1) continue
      count++
      gl.useProgram(program)
      gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer)
      gl.viewport(0, 0, extent.width, extent.height)
      bindTextures(gl, textures)
      for (let i = 0; i < numbers.length; i++) {
        if (set[i] !== numbers[i]) gl.uniform1i(parameters[i]!, set[i] = numbers[i]!)
      }
      gl.drawArrays(gl.TRIANGLES, 0, 3)
    }
    return count
  }

  /** {@return the numbers in int32 scalars, when what was drawn is done} */
  async function numbersIn(buffers: readonly number[]): Promise<Int32Array> {
    const texels = new Int32Array(4 * buffers.length)
    reserve(scalars, texels.byteLength)
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, scalars)
    buffers.forEach((b, i) => {
      gl.bindFramebuffer(gl.FRAMEBUFFER, framebufferOf([b]))
      gl.readPixels(0, 0, 1, 1, gl.RGBA_INTEGER, gl.INT, i * 16)
    })
    await finished(gl)
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, scalars)
    gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, texels)
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null)
    if (lost()) throw new BackendError('LOST', 'WebGL: the context was lost during the run')
    return texels.filter((_, i) => i % 4 === 0)
  }

  function expectMemory(): void {
    const error = gl.getError()
    if (error === gl.OUT_OF_MEMORY) {
      textures.forEach(({ texture }) => gl.deleteTexture(texture.texture))
      textures = [] // made anew, once they are smaller
      throw new WebDNNError('MEMORY', 'WebGL: not enough memory for the model')
    }
    if (error && !lost()) throw new BackendError('BACKEND_UNAVAILABLE', `WebGL: making the textures failed with error 0x${error.toString(16)}`)
  }

  const fixed = (sizes: readonly Size[] = []) => sizes.map(size => evaluate(size, NO_SIZES))
  // what only these kernels read comes when one does, and goes with the last that does
  for (let k = 0; k < initial; k++) {
    const { buffers, groups, parameters } = plan.kernels[k]!
    for (const b of buffers) constants[b] ??= makeConstant(b)
    draws[k] = drawOf(k, fixed(groups), fixed(parameters))
    draw(k, k + 1)
    forgetFramebuffers()
    for (const b of ended(k)) gl.deleteTexture(constants[b]!.texture)
  }

  return {
    async resize(sizes) {
      given = sizes
      allocate(sizes)
      prepare(sizes)
      inputs = plan.inputs.map((port, i) => {
        const { type, lane = -1 } = plan.buffers[port.buffer]!
        const extent = extentOf(port.buffer, sizes.elements[port.buffer]!)
        return { texture: textureOf(port.buffer), format: formatOf(gl, type), extent, lane, dtype: port.dtype, shape: sizes.inputs[i]!, data: storedOf(type, extent.width * extent.height * 4) }
      })
      expectMemory()
    },

    async run(from, to) {
      gl.activeTexture(gl.TEXTURE0)
      inputs.forEach(({ texture, format, extent, data, dtype, shape, lane }, i) => {
        pack(asStored(from[i]!, dtype, data instanceof Uint16Array), data, shape, lane)
        fill(texture, format, extent, data)
      })
      const measured = new Map<string, number>()
      let next = initial
      let count = 0
      for (const { kernel, sizes } of pauses) {
        count += await perform(next, kernel)
        next = kernel
        const numbers = await numbersIn(sizes.map(({ buffer }) => buffer))
        sizes.forEach((size, i) => measured.set(size.symbol, measure(plan, size, numbers[i]!)))
        const found = resolve(plan, new Map([...given!.bindings, ...measured]))
        if (!isPlanned) {
          allocate(found)
          expectMemory()
        }
        prepare(found)
      }
      count += await perform(next, draws.length)
      for (const { framebuffer, format, extent, pack } of outputs) {
        gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer)
        gl.bindBuffer(gl.PIXEL_PACK_BUFFER, pack)
        for (let layer = 0; layer < extent.layers; layer++) {
          if (extent.layers > 1) gl.readBuffer(gl.COLOR_ATTACHMENT0 + layer)
          gl.readPixels(0, 0, extent.width, extent.height, format.format, format.read, layer * extent.width * extent.height * 16)
        }
      }
      await finished(gl)
      const arrays = to(measured)
      outputs.forEach(({ pack, data, length, shape, lane, extent }, i) => {
        gl.bindBuffer(gl.PIXEL_PACK_BUFFER, pack)
        gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, data, 0, length)
        unpack(data, arrays[i]!, shape, lane, extent.layers, extent.width * extent.height)
      })
      gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null)
      const error = gl.getError()
      if (lost()) throw new BackendError('LOST', 'WebGL: the context was lost during the run')
      if (error) throw new KernelError('KERNEL', `WebGL: the run failed with error 0x${error.toString(16)}`)
      return count
    },

    lost,
    dispose: () => gl.getExtension('WEBGL_lose_context')?.loseContext(),
  }
}

/** {@return whether what is drawn to a texture of halves is read as it was}: some drivers make NaN of ∞, or 0 of what is subnormal */
function keepsHalves(gl: GL): boolean {
  const numbers = new Float32Array([Infinity, -(2 ** -24), 65504, NaN])
  const read = new Float32Array(4)
  const program = makeProgram(gl, makeShader(gl, gl.VERTEX_SHADER, VERTEX), makeShader(gl, gl.FRAGMENT_SHADER, COPY))
  const textures = (['float32', 'float16', 'float32'] as const).map(type => makeTexture(gl, type, { width: 1, height: 1, layers: 1 }))
  gl.bindTexture(gl.TEXTURE_2D, textures[0]!.texture)
  gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, 1, 1, gl.RGBA, gl.FLOAT, numbers)
  gl.useProgram(program)
  gl.viewport(0, 0, 1, 1)
  const framebuffers = textures.slice(1).map(texture => makeFramebuffer(gl, [texture]))
  const keeps = framebuffers.map((framebuffer, i) => {
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer)
    bindTextures(gl, [textures[i]!])
    gl.drawArrays(gl.TRIANGLES, 0, 3)
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.FLOAT, read)
    return numbers.every((number, lane) => Object.is(number, read[lane]))
  })
  for (const framebuffer of framebuffers) gl.deleteFramebuffer(framebuffer)
  for (const { texture } of textures) gl.deleteTexture(texture)
  gl.deleteProgram(program)
  return !keeps.includes(false)
}

function makeShader(gl: GL, type: number, source: string): WebGLShader {
  const shader = gl.createShader(type)!
  gl.shaderSource(shader, source)
  gl.compileShader(shader)
  return shader
}

function makeProgram(gl: GL, vertex: WebGLShader, fragment: WebGLShader): WebGLProgram {
  const program = gl.createProgram()
  gl.attachShader(program, vertex)
  gl.attachShader(program, fragment)
  gl.linkProgram(program)
  return program
}

function tooLarge({ width, height }: Extent, side: number): BackendError {
  return new BackendError('BACKEND_UNAVAILABLE', `WebGL: a texture of ${width} × ${height} texels: expected at most ${side} × ${side}`)
}

interface Program {
  program: WebGLProgram
  parameters: (WebGLUniformLocation | null)[]
  /** what the parameters, the last of which is the width, are at the moment; kernels with one program share it */
  set: number[]
}

/** An output, and where it is read through. */
interface Output { framebuffer: WebGLFramebuffer; format: Format; extent: Extent; pack: WebGLBuffer; data: TypedArray; length: number; shape: readonly number[]; lane: number }

interface Draw extends Program {
  /** how many are drawn; a kernel without any does not run */
  texels: number
  framebuffer: WebGLFramebuffer
  extent: Extent
  textures: Texture[]
  numbers: readonly number[]
}

/**
 * All programs compile at once. Each is then drawn with, a pixel into the void: browsers finish a program when they draw with
 * it for the first time, which takes as long again, and can as well happen while the weights are on their way.
 */
async function compile(gl: GL, plan: Plan): Promise<Program[]> {
  const parallel = gl.getExtension('KHR_parallel_shader_compile')
  const vertex = makeShader(gl, gl.VERTEX_SHADER, VERTEX)
  const fragments = plan.modules.map(source => makeShader(gl, gl.FRAGMENT_SHADER, source))
  const programs = fragments.map(fragment => makeProgram(gl, vertex, fragment))
  const linked: Program[] = []
  const trial = openTrial(gl, plan)
  for (const [m, program] of programs.entries()) {
    const kernel = plan.kernels.find(({ module }) => module === m)
    if (!kernel) continue
    const { name, buffers, writes, parameters = [] } = kernel
    // asking for a result only when it is there keeps the page alive
    while (parallel && !gl.isContextLost() && !gl.getProgramParameter(program, parallel.COMPLETION_STATUS_KHR)) await new Promise(done => setTimeout(done, 1))
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
      if (gl.isContextLost()) throw new BackendError('LOST', 'WebGL: the context was lost while its programs were compiled')
      const text = (gl.getShaderInfoLog(fragments[m]!) || gl.getProgramInfoLog(program) || 'no reason given').trim().split('\n')[0]
      throw new KernelError('KERNEL', `kernel '${name}': WebGL did not compile it: ${text}`, { node: name })
    }
    gl.useProgram(program)
    for (let i = 0; i < buffers.length - writes; i++) gl.uniform1i(gl.getUniformLocation(program, `t${i}`), i)
    linked[m] = {
      program,
      parameters: [...parameters.map((_, i) => `p${i}`), 'width'].map(uniform => gl.getUniformLocation(program, uniform)),
      set: [],
    }
    trial.draw(kernel)
  }
  trial.close()
  return plan.kernels.map(({ module }) => linked[module as number]!)
}

/** Draws one pixel with the current program, on textures like those of a kernel, but of one texel. */
function openTrial(gl: GL, plan: Plan): { draw(kernel: KernelPlan): void; close(): void } {
  const textures = new Map<string, Texture>()
  const framebuffers: WebGLFramebuffer[] = []
  // what is written may not be read: textures of either kind, by place
  const texture = (use: string, b: number, place: number) => {
    const { type, layers = 1 } = plan.buffers[b]!
    const key = `${use} ${type} ${layers} ${place}`
    const known = textures.get(key) ?? makeTexture(gl, type, { width: 1, height: 1, layers })
    textures.set(key, known)
    return known
  }
  return {
    draw({ buffers, writes }) {
      const reads = buffers.length - writes
      const written = buffers.slice(reads).map((b, i) => texture('write', b, i))
      bindTextures(gl, buffers.slice(0, reads).map(b => texture('read', b, 0)))
      framebuffers.push(makeFramebuffer(gl, written))
      gl.viewport(0, 0, 1, 1)
      gl.drawArrays(gl.TRIANGLES, 0, 3)
      gl.flush()
    },
    close() {
      for (const framebuffer of framebuffers) gl.deleteFramebuffer(framebuffer)
      for (const { texture } of textures.values()) gl.deleteTexture(texture)
    },
  }
}

/** Waits until the commands so far are done, without blocking the page. */
async function finished(gl: GL): Promise<void> {
  const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0)
  if (!fence) return // the context is lost
  gl.flush()
  // A task through a channel comes at once, a timer after 4 ms: the first answers are waited for closely.
  for (let round = 0; ; round++) {
    const status = gl.clientWaitSync(fence, 0, 0)
    if (status !== gl.TIMEOUT_EXPIRED || gl.isContextLost()) break
    await (round < 100 ? nextTask() : new Promise<void>(done => setTimeout(done, 1)))
  }
  gl.deleteSync(fence)
}

let channel: MessageChannel | undefined
function nextTask(): Promise<void> {
  channel ??= new MessageChannel()
  const { port1, port2 } = channel
  return new Promise(done => {
    port1.onmessage = () => done()
    port2.postMessage(0)
  })
}

function padded(type: StoredType, data: StoredArray, { width, height }: Extent): StoredArray {
  if (data.length === width * height * 4) return data
  const whole = storedOf(type, width * height * 4)
  whole.set(data)
  return whole
}

/** {@return how many elements a tensor takes, padding included} */
function stored(shape: readonly number[], lane: number, layers: number): number {
  const across = lane === shape.length - 1 ? lane - 1 : shape.length - 1
  return 4 * volume(shape.map((extent, d) => d === lane ? Math.ceil(extent / 4) : d === across ? Math.ceil(extent / layers) * layers : extent))
}

/**
 * Calls `visit` for runs of elements: `count` of them in a row-major array from `flat` on, `stride` apart, which lie in a
 * texture from `stored` on, `step` apart, four of axis `lane` to a texel. In several layers the last axis that is not in the
 * lanes is the innermost, and its neighbours lie in different layers: a run is what stands along it.
 */
function eachRun(
  shape: readonly number[], lane: number, layers: number,
  visit: (flat: number, stride: number, count: number, stored: number, step: number) => void,
): void {
  const last = shape.length - 1
  const columns = lane < 0 ? 1 : shape[lane]!
  const texels = Math.ceil(columns / 4)
  if (lane === last && layers === 1) { // elements of a row are neighbours in either
    for (let o = 0, rows = volume(shape.slice(0, last)); o < rows; o++) visit(o * columns, 1, columns, o * texels * 4, 1)
    return
  }
  // [outer, columns, rows, run], or [outer, run, columns], lie as [outer, columns / 4, rows, run]
  const isLast = lane === last
  const run = lane < 0 ? 1 : isLast ? shape[lane - 1]! : layers > 1 ? shape[last]! : volume(shape.slice(lane + 1))
  const rows = lane < 0 || isLast ? 1 : volume(shape.slice(lane + 1)) / run
  const outer = lane < 0 ? 1 : volume(shape.slice(0, isLast ? lane - 1 : lane))
  const width = Math.ceil(run / layers)
  for (let o = 0; o < outer; o++) {
    for (let c = 0; c < columns; c++) {
      for (let r = 0; r < rows; r++) {
        const flat = isLast ? o * run * columns + c : ((o * columns + c) * rows + r) * run
        visit(flat, isLast ? columns : 1, run, ((o * texels + (c >> 2)) * rows + r) * width * 4 + (c & 3), 4)
      }
    }
  }
}

/** Row-major to texels; what pads them stays zero. */
export function pack(from: StoredArray, to: StoredArray, shape: readonly number[], lane: number): void {
  eachRun(shape, lane, 1, (flat, stride, count, stored, step) => {
    for (let i = 0; i < count; i++) to[stored + i * step] = from[flat + i * stride]!
  })
}

/** Texels to row-major; a layer has `plane` of them. */
export function unpack(from: TypedArray, to: TypedArray, shape: readonly number[], lane: number, layers: number, plane: number): void {
  eachRun(shape, lane, layers, (flat, stride, count, stored, step) => {
    for (let layer = 0; layer < layers; layer++) {
      for (let i = layer, at = stored + layer * plane * 4; i < count; i += layers, at += step) to[flat + i * stride] = from[at]!
    }
  })
}
