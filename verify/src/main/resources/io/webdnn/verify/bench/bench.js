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

/** Each gives a function that runs the network on an array and gives the output's elements. */
const COMPETITORS = {
  async webdnn(job) {
    await script('/webdnn.js')
    const runner = await WebDNN.load(job.directory, { backendOrder: [job.backend], threads: Number(job.threads), cacheStrategy: 'networkOnly', saveCache: false })
    if (runner.backendName !== job.backend) throw new Error(`expected ${job.backend}, got ${runner.backendName}`)
    const run = async x => {
      runner.inputs[0].set(x)
      await runner.run()
      return runner.outputs[0].toActual()
    }
    return Object.assign(run, { threads: () => runner.statistics.threads })
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
}

async function measure(job) {
  const x = new Float32Array(await bytesOf(`${job.directory}/input`))
  const before = calibrate()
  performance.clearResourceTimings()
  const begin = performance.now()
  const run = await COMPETITORS[job.competitor](job)
  const output = Float32Array.from(await run(x))
  const first = performance.now() - begin
  const bytes = performance.getEntriesByType('resource').reduce((sum, entry) => sum + entry.encodedBodySize, 0)
  for (let i = 0, until = performance.now() + 300; i < 3 || (performance.now() < until && i < 50); i++) await run(x)
  const threads = run.threads?.() ?? Number(job.threads)
  if (threads !== Number(job.threads)) throw new Error(`expected ${job.threads} threads, got ${threads}`)
  const times = []
  for (let until = performance.now() + 700; times.length < 5 || (performance.now() < until && times.length < 100);) {
    const start = performance.now()
    await run(x)
    times.push(performance.now() - start)
  }
  const seen = `first ${first}\nbytes ${bytes}\ncalibration ${Math.max(before, calibrate())}\ntimes ${times.join(',')}`
  return new Blob([seen, '\n\n', output])
}

async function work() {
  const answer = await fetch('/next')
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
