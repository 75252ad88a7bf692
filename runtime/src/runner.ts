import type { Backend, Outputs } from './backend'
import { isDebugMode } from './configuration'
import type { BackendName, Plan, TypedArray } from './descriptor'
import { outputArrays, resolve } from './descriptor'
import { BackendError, WebDNNError, reason } from './errors'
import type { SelfTestReport } from './selftest'
import { compare, goldenInputs } from './selftest'
import type { View } from './views'
import { createPlaceholders, createView } from './views'

/** A model that is ready to run. */
export interface Runner {
  readonly backendName: BackendName
  readonly inputs: readonly View[]
  readonly outputs: readonly View[]
  /** the same as `inputs`, as WebDNN 1.x calls it */
  getInputViews(): readonly View[]
  /** the same as `outputs`, as WebDNN 1.x calls it */
  getOutputViews(): readonly View[]
  /** Gives symbolic sizes values, from the next run on. */
  setPlaceholderValue(values: Readonly<Record<string, number>>): void
  /** Runs the model on what the inputs hold when its turn comes: runs that are asked for at once come one after the other. */
  run(): Promise<void>
  /** Runs the model on its golden inputs; the views keep what they hold. */
  selfTest(): Promise<SelfTestReport>
  /** Ends when the files are where the next visit finds them, as far as the browser keeps any: they are put there after the first run. */
  saved(): Promise<void>
  /** Frees the device, after the run in progress. */
  dispose(): void
  readonly statistics: Statistics
}

/** Counts, since the model was loaded. */
export interface Statistics {
  readonly runs: number
  /** dispatches of WebGPU, draws of WebGL, calls of functions of WebAssembly */
  readonly kernels: number
  /** how often buffers were made for new sizes */
  readonly resizes: number
  /** how often a lost device was replaced */
  readonly recoveries: number
  /** how many threads of the processor have computed kernels; more than one only with WebAssembly, and as they start */
  readonly threads: number
}

/**
 * @param reopen loads the model on a new device
 * @param save puts the files into the cache, when a run has ended or somebody asks for it
 */
export function createRunner(plan: Plan, first: Backend, reopen: () => Promise<Backend>, save: () => Promise<void>): Runner {
  const { backend: backendName } = plan
  const placeholders = createPlaceholders(plan)
  const inputs = plan.inputs.map(port => createView(port, plan.buffers[port.buffer]!.type, placeholders, 'input'))
  const outputs = plan.outputs.map(port => createView(port, plan.buffers[port.buffer]!.type, placeholders, 'output'))
  const statistics = { runs: 0, kernels: 0, resizes: 0, recoveries: 0, get threads() { return backend.threads?.() ?? 1 } }
  const inputViews = inputs.map(slot => slot.view)
  const outputViews = outputs.map(slot => slot.view)
  let backend = first
  let sized: unknown // what the backend's buffers were made for
  let disposed = false
  let tail: Promise<unknown> = Promise.resolve()

  /** One at a time, in the order of the calls. */
  function inTurn<T>(action: () => Promise<T>): Promise<T> {
    if (disposed) return Promise.reject(new WebDNNError('DISPOSED', 'this runner was disposed of; load the model again'))
    const result = tail.then(action)
    tail = result.catch(() => {})
    return result
  }

  /** Runs on these sizes; a device that is lost, before or meanwhile, is replaced once. */
  async function execute(version: unknown, values: ReadonlyMap<string, number>, from: readonly TypedArray[], to: Outputs): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        if (backend.lost()) await recover()
        if (sized !== version) {
          sized = undefined
          await backend.resize(resolve(plan, values))
          sized = version
          statistics.resizes++
        }
        statistics.kernels += await backend.run(from, to)
        void save()
        return
      } catch (error) {
        sized = undefined // what was made for it may not be whole
        if (attempt > 0 || !backend.lost()) throw error
      }
    }
  }

  async function recover(): Promise<void> {
    sized = undefined
    backend.dispose()
    try {
      backend = await reopen()
    } catch (cause) {
      throw new BackendError('LOST', `${backendName}: the device was lost and could not be had again: ${reason(cause)}`, { cause })
    }
    statistics.recoveries++
  }

  return {
    backendName,
    inputs: inputViews,
    outputs: outputViews,
    getInputViews: () => inputViews,
    getOutputViews: () => outputViews,
    setPlaceholderValue: values => placeholders.pin(values),
    statistics,

    run: () => inTurn(async () => {
      const start = performance.now()
      await execute(placeholders.version(), placeholders.values, inputs.map(slot => slot.ready()), measured => {
        placeholders.measure(measured)
        return outputs.map(slot => slot.ready())
      })
      statistics.runs++
      if (isDebugMode()) console.log(`WebDNN: ${backendName}: run ${statistics.runs}: ${(performance.now() - start).toFixed(2)} ms`)
    }),

    selfTest: () => inTurn(async () => {
      const { golden } = plan
      if (!golden?.outputs.some(output => output.index.length)) throw new WebDNNError('NO_GOLDEN', `graph_${backendName}.json: golden: expected vectors to compare with, got none`)
      const values = new Map(Object.entries(golden.placeholders ?? {}))
      const inputs = goldenInputs(plan, golden, resolve(plan, values))
      let results: TypedArray[] = []
      const start = performance.now()
      await execute(golden, values, inputs, measured => results = outputArrays(plan, new Map([...values, ...measured])))
      return compare(plan, golden, results, backendName, performance.now() - start)
    }),

    saved: save,

    dispose() {
      if (disposed) return
      disposed = true
      tail = tail.then(() => backend.dispose())
    },
  }
}
