// Runs models that the server hands out, one after the other, until the page is closed.
'use strict'

const ARRAYS = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint32: Uint32Array, int64: BigInt64Array, uint64: BigUint64Array }
const nameOf = array => Object.keys(ARRAYS).find(name => array instanceof ARRAYS[name])
const extents = text => text === '' ? [] : text.split(',').map(Number)

/** The server's text: a word and its value on each line; `input` may occur several times. */
function parse(text) {
  const job = { inputs: [] }
  for (const line of text.trimEnd().split('\n')) {
    const [word, ...values] = line.split(' ')
    if (word === 'input') job.inputs.push({ dtype: values[0], shape: extents(values[1] ?? '') })
    else job[word] = values[0]
  }
  return job
}

async function run(job) {
  const runner = await WebDNN.load(job.directory, { backendOrder: [job.backend], cacheStrategy: 'networkOnly', saveCache: false })
  try {
    if (runner.backendName !== job.backend) throw new Error(`expected ${job.backend}, got ${runner.backendName}`)
    for (const [i, { dtype, shape }] of job.inputs.entries()) {
      const bytes = await (await fetch(`${job.directory}/input${i}`)).arrayBuffer()
      runner.inputs[i].set(new ARRAYS[dtype](bytes), undefined, shape)
    }
    await runner.run()
    if (runner.statistics.runs !== 1) throw new Error(`expected one run, got ${runner.statistics.runs}`)
    const lines = [`ok ${runner.statistics.kernels}`]
    const parts = []
    for (const view of runner.outputs) {
      const array = view.toActual()
      lines.push(`${nameOf(array)} ${view.shape.join(',')}`)
      parts.push(array)
    }
    return new Blob([lines.join('\n') + '\n\n', ...parts])
  } finally {
    runner.dispose()
  }
}

async function work() {
  for (;;) {
    const answer = await fetch('/next' + location.search)
    if (answer.status !== 200) continue
    const job = parse(await answer.text())
    let result
    try {
      result = await run(job)
    } catch (e) {
      const causes = (e.causes ?? [e.cause]).filter(Boolean).map(String).join('; ')
      result = `error ${e.code ?? ''} ${e.message} ${causes}`.replace(/\s+/g, ' ') + '\n\n'
    }
    await fetch(`/result?number=${job.number}`, { method: 'POST', body: result })
  }
}
work()
