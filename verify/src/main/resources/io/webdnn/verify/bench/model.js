// Measures a model in one runtime, sends the times and the first output, and makes room for a fresh page.
'use strict'

const ARRAYS = {
  float32: Float32Array, float64: Float64Array, float16: Uint16Array, int64: BigInt64Array, int32: Int32Array, int16: Int16Array,
  int8: Int8Array, uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, uint64: BigUint64Array, bool: Uint8Array,
}
const script = address => new Promise((done, fail) => {
  const element = document.createElement('script')
  element.src = address
  element.onload = done
  element.onerror = () => fail(new Error(`${address} did not load`))
  document.head.append(element)
})
const bytesOf = async address => (await fetch(address)).arrayBuffer()

/** Each gives a function that runs the model and gives its first output. */
const COMPETITORS = {
  async webdnn({ backend, inputs }) {
    await script('/webdnn.js')
    const runner = await WebDNN.load('/network', { backendOrder: [backend], threads: 1, saveCache: false })
    if (runner.backendName !== backend) throw new Error(`expected ${backend}, got ${runner.backendName}`)
    const arrays = await Promise.all(inputs.map(async ({ wide }, i) => new ARRAYS[wide](await bytesOf(`/network/wide${i}`))))
    return async () => {
      arrays.forEach((array, i) => runner.inputs[i].set(array, undefined, inputs[i].shape))
      await runner.run()
      return runner.outputs[0].toActual()
    }
  },
  async onnxruntime({ backend, inputs, output }) {
    const build = { webassembly: 'wasm', webgl: 'webgl', webgpu: 'webgpu' }[backend]
    const ort = await import(`/npm/onnxruntime-web/dist/ort.${build}.min.mjs`)
    ort.env.wasm.numThreads = 1
    ort.env.wasm.wasmPaths = '/npm/onnxruntime-web/dist/'
    const session = await ort.InferenceSession.create('/network/model.onnx', { executionProviders: [build] })
    const feeds = {}
    for (const [i, { dtype, shape, name }] of inputs.entries()) {
      const bytes = await bytesOf(`/network/input${i}`)
      const array = dtype === 'float16' && globalThis.Float16Array ? new Float16Array(bytes) : new ARRAYS[dtype](bytes)
      feeds[name] = new ort.Tensor(dtype, array, shape)
    }
    return async () => (await session.run(feeds))[output].data
  },
}

/** Says that this page is not dead; `/result` follows. */
const alive = job => fetch(`/alive?number=${job.number}`)

async function measure(job) {
  if (job.visit === 'kernels') {
    await script('/kernels.js')
    return measureKernels(job, () => COMPETITORS.webdnn(job))
  }
  const run = await COMPETITORS[job.competitor](job)
  const first = Float32Array.from(await run(), Number)
  await alive(job)
  const timed = async () => {
    const begin = performance.now()
    await run()
    return performance.now() - begin
  }
  for (let i = 0, until = performance.now() + 300; i < 3 || performance.now() < until && i < 50; i++) await timed()
  const times = []
  for (let spent = 0; !(times.length >= 5 && spent > 400 || times.length >= 3 && spent > 3000 || times.length === 100);) {
    times.push(await timed())
    spent += times.at(-1)
  }
  return new Blob([`times ${times.join(',')}\n\n`, first])
}

function parse(text) {
  const job = { inputs: [] }
  for (const line of text.trimEnd().split('\n')) {
    const [word, ...values] = line.split(' ')
    if (word === 'input') {
      const [dtype, wide, shape, ...name] = values
      job.inputs.push({ dtype, wide, shape: shape === '' ? [] : shape.split(',').map(Number), name: name.join(' ') })
    } else job[word] = values.join(' ')
  }
  return job
}

async function work() {
  const answer = await fetch('/next' + location.search)
  if (answer.status === 200) {
    const job = parse(await answer.text())
    let result
    try {
      result = await measure(job)
    } catch (e) {
      const causes = (e.causes ?? [e.cause]).filter(Boolean).map(String).join('; ')
      result = `error ${e.message ?? e} ${causes}`.replace(/\s+/g, ' ') + '\n\n'
    }
    await fetch(`/result?number=${job.number}`, { method: 'POST', body: result })
  }
  location.reload()
}
work()
