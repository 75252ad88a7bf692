// What each kernel of a run costs: wraps the calls of the browser's API that start kernels, before the runtime makes
// them. And what the machine does at best, in registers and in memory.
'use strict'

/** Each gives a function that gives the milliseconds of each kernel since it was last called. */
const PROBES = {
  webassembly() {
    let times = []
    const timed = run => (...numbers) => {
      const begin = performance.now()
      run(...numbers)
      times.push(performance.now() - begin)
    }
    const instantiate = WebAssembly.instantiate
    WebAssembly.instantiate = async (module, imports) => {
      const { exports } = await instantiate(module, imports)
      return { exports: Object.fromEntries(Object.entries(exports).map(([name, run]) => [name, timed(run)])) }
    }
    return async () => times.splice(0)
  },

  webgl() {
    let times = []
    const pixel = new Float32Array(4)
    // Chromium's finish() does not wait; reading a pixel does, and takes a while itself.
    const waited = gl => {
      const begin = performance.now()
      gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.FLOAT, pixel)
      return performance.now() - begin
    }
    const draw = WebGL2RenderingContext.prototype.drawArrays
    WebGL2RenderingContext.prototype.drawArrays = function (...drawing) {
      waited(this)
      const nothing = waited(this)
      const begin = performance.now()
      draw.apply(this, drawing)
      waited(this)
      times.push(Math.max(0, performance.now() - begin - nothing))
    }
    return async () => times.splice(0)
  },

  webgpu() {
    const most = 4096
    let device
    let staging
    const request = GPUAdapter.prototype.requestDevice
    GPUAdapter.prototype.requestDevice = async function (wish) {
      device = await request.call(this, { ...wish, requiredFeatures: [...wish.requiredFeatures, 'timestamp-query'] })
      return device
    }
    const beginPass = GPUCommandEncoder.prototype.beginComputePass
    GPUCommandEncoder.prototype.beginComputePass = function () {
      const querySet = device.createQuerySet({ type: 'timestamp', count: most })
      let count = 0
      let pipeline
      let group
      return {
        setPipeline: it => { pipeline = it },
        setBindGroup: (_, it) => { group = it },
        dispatchWorkgroups: (...counts) => {
          const pass = beginPass.call(this, { timestampWrites: { querySet, beginningOfPassWriteIndex: count++, endOfPassWriteIndex: count++ } })
          pass.setPipeline(pipeline)
          pass.setBindGroup(0, group)
          pass.dispatchWorkgroups(...counts)
          pass.end()
        },
        end: () => {
          const resolved = device.createBuffer({ size: 8 * count, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC })
          staging = device.createBuffer({ size: 8 * count, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST })
          this.resolveQuerySet(querySet, 0, count, resolved, 0)
          this.copyBufferToBuffer(resolved, 0, staging, 0, 8 * count)
        },
      }
    }
    return async () => {
      await staging.mapAsync(GPUMapMode.READ)
      const stamps = new BigInt64Array(staging.getMappedRange())
      return Array.from({ length: stamps.length / 2 }, (_, i) => Number(stamps[2 * i + 1] - stamps[2 * i]) / 1e6)
    }
  },
}

/** {@return how many thousand millions of something are done in a second, at best} */
async function rate(amount, run) {
  let least = Infinity
  // what is compiled in haste at first is compiled well a while later
  for (let round = 0, until = performance.now() + 300; round < 4 || performance.now() < until; round++) {
    const begin = performance.now()
    await run()
    least = Math.min(least, performance.now() - begin)
  }
  return amount / least / 1e6
}

const SUMS = [0, 1, 2, 3, 4, 5, 6, 7].map(i => `s${i}`)

/** Each gives GFLOP/s of products and sums in registers, and GB/s of a copy (read and written). */
const PEAKS = {
  async webassembly() {
    const registers = 12
    const [a, b] = [registers + 1, registers + 2] // local 0 counts down
    const multiplyAdd = [0xfd, 0x85, 2] // f32x4.relaxed_madd
    const sums = Array.from({ length: registers }, (_, i) => [0x20, i + 1, 0x20, a, 0x20, b, ...multiplyAdd, 0x21, i + 1]).flat()
    const loop = [0x03, 0x40, ...sums, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b]
    const body = [1, b, 0x7b, ...loop, 0x20, 1, 0xfd, 0x1f, 0, 0x0b]
    const leb = n => n < 128 ? [n] : [n & 127 | 128, n >> 7]
    const section = (id, content) => [id, ...leb(content.length), ...content]
    const bytes = new Uint8Array([
      0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
      ...section(1, [1, 0x60, 1, 0x7f, 1, 0x7d]), ...section(3, [1, 0]), ...section(7, [1, 1, 0x66, 0, 0]),
      ...section(10, [1, ...leb(body.length), ...body]),
    ])
    const { instance } = await WebAssembly.instantiate(bytes)
    const steps = 2e6
    const from = new Float32Array(1 << 23).fill(1)
    const to = new Float32Array(from.length)
    return [
      await rate(steps * registers * 8, () => instance.exports.f(steps)),
      await rate(2 * from.byteLength, () => to.set(from)),
    ]
  },

  async webgl() {
    const gl = document.createElement('canvas').getContext('webgl2')
    gl.getExtension('EXT_color_buffer_float')
    const side = 1024
    const texture = () => {
      const made = gl.createTexture()
      gl.bindTexture(gl.TEXTURE_2D, made)
      gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA32F, side, side)
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST)
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST)
      return made
    }
    const target = texture()
    texture() // stays bound: it is read
    gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer())
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, target, 0)
    const pixel = new Float32Array(4)
    const drawing = (body, extent) => {
      const program = gl.createProgram()
      const add = (type, source) => {
        const shader = gl.createShader(type)
        gl.shaderSource(shader, `#version 300 es\nprecision highp float;\n${source}`)
        gl.compileShader(shader)
        gl.attachShader(program, shader)
      }
      add(gl.VERTEX_SHADER, 'void main() { gl_Position = vec4(gl_VertexID == 1 ? 3. : -1., gl_VertexID == 2 ? 3. : -1., 0., 1.); }')
      add(gl.FRAGMENT_SHADER, `uniform highp sampler2D x;\nout vec4 y;\nvoid main() { ${body} }`)
      gl.linkProgram(program)
      if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program))
      return () => {
        gl.useProgram(program)
        gl.viewport(0, 0, extent, extent)
        gl.drawArrays(gl.TRIANGLES, 0, 3)
        gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.FLOAT, pixel)
      }
    }
    const products = `vec4 a = gl_FragCoord * 1e-6; vec4 ${SUMS.map(s => `${s} = a`).join()};
      for (int i = 0; i < 64; i++) { ${SUMS.map(s => `${s} = ${s} * a + a;`).join(' ')} } y = ${SUMS.join(' + ')};`
    return [
      await rate(256 * 256 * 64 * SUMS.length * 8, drawing(products, 256)),
      await rate(2 * side * side * 16, drawing('y = texelFetch(x, ivec2(gl_FragCoord.xy), 0);', side)),
    ]
  },

  async webgpu() {
    const device = await (await navigator.gpu.requestAdapter()).requestDevice()
    const invocations = 1 << 20
    const buffer = () => device.createBuffer({ size: invocations * 16, usage: GPUBufferUsage.STORAGE })
    const buffers = [buffer(), buffer()]
    const dispatch = (body, count) => {
      const code = `@group(0) @binding(0) var<storage, read_write> x: array<vec4f>;
        @group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
        @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) { ${body} }`
      const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module: device.createShaderModule({ code }) } })
      const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }))
      const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries })
      return () => {
        const encoder = device.createCommandEncoder()
        const pass = encoder.beginComputePass()
        pass.setPipeline(pipeline)
        pass.setBindGroup(0, group)
        pass.dispatchWorkgroups(count / 64)
        pass.end()
        device.queue.submit([encoder.finish()])
        return device.queue.onSubmittedWorkDone()
      }
    }
    const products = `let a = x[id.x]; ${SUMS.map(s => `var ${s} = a;`).join(' ')}
      for (var i = 0; i < 64; i++) { ${SUMS.map(s => `${s} = fma(${s}, a, a);`).join(' ')} } y[id.x] = ${SUMS.join(' + ')};`
    const peaks = [
      await rate(65536 * 64 * SUMS.length * 8, dispatch(products, 65536)),
      await rate(2 * invocations * 16, dispatch('y[id.x] = x[id.x];', invocations)),
    ]
    device.destroy()
    return peaks
  },
}

/**
 * What the kernels of ours cost on this page's backend.
 *
 * @param load gives a function that runs the network
 */
async function measureKernels(job, load) {
  const [flops, bandwidth] = await PEAKS[job.backend]()
  await alive(job)
  const take = PROBES[job.backend]()
  const run = await load()
  await run()
  await take()
  await alive(job)
  const runs = []
  const begin = performance.now()
  while (runs.length < 3 || performance.now() - begin < 3000 && runs.length < 101) {
    await run()
    runs.push(await take())
    await alive(job)
  }
  // A mean, since clocks are coarse, but without the worst quarter, in which something else ran.
  const good = Math.ceil(runs.length * 0.75)
  const times = runs[0].map((_, k) => runs.map(each => each[k]).sort((a, b) => a - b).slice(0, good).reduce((a, b) => a + b) / good)
  return new Blob([`flops ${flops}\nbandwidth ${bandwidth}\ntimes ${times.join(',')}\n\n`])
}
