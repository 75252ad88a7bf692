// Measures one competitor on one network, sends what it saw, and makes room for a fresh page.
'use strict'

const script = address => new Promise((done, fail) => {
  const element = document.createElement('script')
  element.src = address
  element.onload = done
  element.onerror = () => fail(new Error(`${address} did not load`))
  document.head.append(element)
})
const bytesOf = async address => (await fetch(address)).arrayBuffer()

/** A loop that lives in registers: its time tells how much of a core this page is given. */
function calibrate() {
  const begin = performance.now()
  let x = 88172645
  for (let i = 0; i < 3e7; i++) {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
  }
  return performance.now() - begin + (x === 0 ? 1 : 0)
}

/** Layers of TensorFlow.js, from what the server says of them and of their weights. */
async function tensorFlowModel(job) {
  const { shape, layers, result } = await (await fetch(`${job.directory}/layers.json`)).json()
  const weights = await bytesOf(`${job.directory}/layers.bin`)
  const input = tf.input({ batchShape: shape })
  const values = [input]
  const weighted = []
  for (const { kind, from, shapes, ...options } of layers) {
    // weights are set below: random ones, which are the default, take long
    if (shapes) options.kernelInitializer = options.depthwiseInitializer = 'zeros'
    const layer = tf.layers[kind](options)
    values.push(layer.apply(from.length === 1 ? values[from[0]] : from.map(i => values[i])))
    if (shapes) weighted.push([layer, shapes])
  }
  const model = tf.model({ inputs: input, outputs: values[result] })
  let offset = 0
  for (const [layer, shapes] of weighted) {
    const tensors = shapes.map(extents => {
      const size = extents.reduce((a, b) => a * b, 1)
      const tensor = tf.tensor(new Float32Array(weights, offset, size), extents)
      offset += 4 * size
      return tensor
    })
    layer.setWeights(tensors)
    tensors.forEach(tensor => tensor.dispose())
  }
  return { model, shape }
}

/**
 * Each gives a function that runs the network on an array and gives the output's elements; where these have their
 * channels last, it has a `reorder` into our order.
 */
const COMPETITORS = {
  async webdnn(job) {
    await script('/webdnn.js')
    const runner = await WebDNN.load(job.directory, { backendOrder: [job.backend], threads: Number(job.threads) })
    if (runner.backendName !== job.backend) throw new Error(`expected ${job.backend}, got ${runner.backendName}`)
    const run = async x => {
      runner.inputs[0].set(x)
      await runner.run()
      return runner.outputs[0].toActual()
    }
    return Object.assign(run, { threads: () => runner.statistics.threads, saved: () => runner.saved() })
  },
  async onnxruntime(job) {
    const build = { webassembly: 'wasm', webgl: 'webgl', webgpu: 'webgpu' }[job.backend]
    const ort = await import(`/npm/onnxruntime-web/dist/ort.${build}.min.mjs`)
    ort.env.wasm.numThreads = Number(job.threads)
    ort.env.wasm.wasmPaths = '/npm/onnxruntime-web/dist/'
    const session = await ort.InferenceSession.create(`${job.directory}/model.onnx`, { executionProviders: [build] })
    const shape = job.shape.split(',').map(Number)
    return async x => {
      const outputs = await session.run({ x: new ort.Tensor('float32', x, shape) })
      return outputs.y.data
    }
  },
  async tensorflow(job) {
    const name = { webassembly: 'wasm', webgl: 'webgl', webgpu: 'webgpu' }[job.backend]
    await script('/npm/@tensorflow/tfjs/dist/tf.min.js')
    if (name !== 'webgl') await script(`/npm/@tensorflow/tfjs-backend-${name}/dist/tf-backend-${name}.min.js`)
    if (name === 'wasm') {
      tf.wasm.setWasmPaths('/npm/@tensorflow/tfjs-backend-wasm/dist/')
      tf.wasm.setThreadsCount(Number(job.threads))
    }
    if (!await tf.setBackend(name)) throw new Error(`TensorFlow.js: expected ${name}, got ${tf.getBackend()}`)
    const { model, shape } = await tensorFlowModel(job)
    const run = async x => {
      const input = tf.tensor(x, shape)
      const output = model.predict(input)
      const values = await output.data()
      input.dispose()
      output.dispose()
      return values
    }
    const [, height, width, channels] = model.outputs[0].shape
    const reorder = values => {
      if (!width) return values
      const result = new Float32Array(values.length)
      for (let i = 0; i < result.length; i++) {
        result[i % channels * height * width + Math.floor(i / channels)] = values[i]
      }
      return result
    }
    return Object.assign(run, { reorder })
  },
}

/** Says that this page is not dead; `/result` follows. */
const alive = job => fetch(`/alive?number=${job.number}`)

async function measure(job) {
  if (job.visit === 'kernels') {
    await script('/kernels.js')
    return measureKernels(job, async () => {
      const x = new Float32Array(await bytesOf(`${job.directory}/input-webdnn`))
      const run = await COMPETITORS.webdnn(job)
      await run(x)
      await run.saved()
      return () => run(x)
    })
  }
  const x = new Float32Array(await bytesOf(`${job.directory}/input-${job.competitor}`))
  const before = calibrate()
  performance.clearResourceTimings()
  performance.setResourceTimingBufferSize(1000)
  const begin = performance.now()
  const run = await COMPETITORS[job.competitor](job)
  const beginRun = performance.now()
  const output = Float32Array.from(await run(x))
  const end = performance.now()
  const seen = { load: end - begin }
  await alive(job)
  if (job.visit === 'again') return new Blob([`load ${seen.load}\n\n`])
  const fetched = performance.getEntriesByType('resource').filter(entry => !entry.name.includes('/alive'))
  seen.bytes = fetched.reduce((sum, entry) => sum + entry.encodedBodySize, 0)
  seen.files = fetched.map(entry => new URL(entry.name).pathname).join(',')
  const timed = async () => {
    const start = performance.now()
    await run(x)
    const time = performance.now() - start
    if (time > 1000) await alive(job)
    return time
  }
  // What is kept for the next visit is written after the first run, and is no part of the ones that follow.
  await run.saved?.()
  // Where a run takes seconds, the first one was the warm-up.
  if (end - beginRun < 1000) for (let i = 0, until = performance.now() + 300; i < 3 || (performance.now() < until && i < 50); i++) await timed()
  // Threads start when they like to, and not while the page is busy.
  const threadsOf = () => run.threads?.() ?? Number(job.threads)
  for (const until = performance.now() + 5000; threadsOf() < Number(job.threads) && performance.now() < until;) {
    await new Promise(done => setTimeout(done))
    await timed()
  }
  const threads = threadsOf()
  if (threads !== Number(job.threads)) throw new Error(`expected ${job.threads} threads, got ${threads}`)
  const times = []
  for (let spent = 0; !(times.length >= 5 && spent > 700 || times.length >= 3 && spent > 4000 || times.length === 100);) {
    times.push(await timed())
    spent += times.at(-1)
  }
  seen.times = times.join(',')
  seen.calibration = Math.max(before, calibrate())
  return new Blob([Object.entries(seen).map(pair => pair.join(' ')).join('\n'), '\n\n', run.reorder?.(output) ?? output])
}

async function work() {
  const answer = await fetch('/next' + location.search)
  if (answer.status === 200) {
    const job = Object.fromEntries((await answer.text()).trimEnd().split('\n').map(line => line.split(' ')))
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
