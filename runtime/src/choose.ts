import type { BackendOptions, Device, Files, Place } from './backend'
import { isDebugMode } from './configuration'
import type { BackendName, FileEntry, Plan } from './descriptor'
import { parse } from './descriptor'
import { createDownloader } from './download'
import { BackendError, OptionError, reason } from './errors'
import { fastest, recall, remember, timed } from './fastest'
import type { LoadOptions } from './options'
import { BACKENDS, checkOptions } from './options'
import type { Runner } from './runner'
import { createRunner } from './runner'
import { openWebAssembly } from './wasm'
import { openWebGL } from './webgl'
import { openWebGPU } from './webgpu'
import { openWorker } from './worker'

/** Weights up to this size stay in memory, so that a lost device comes back even without a network. */
const KEEP_BYTES = 32 << 20
/** The first run needs the processor more than the cache does, but it may never come. */
const SAVE_AFTER_MS = 3000

const open: Record<BackendName, (options: BackendOptions, load: LoadOptions) => Device> = {
  webgpu: options => openWebGPU(options.webgpu),
  webgl: options => openWebGL(options.webgl),
  webassembly: (options, { worker, threads }) => (worker ? openWorker : openWebAssembly)(options.webassembly, threads),
}

/** Loads a model on the first backend that browser and descriptor both have, or on the fastest one. */
export async function load(directory: string, given: LoadOptions = {}): Promise<Runner> {
  if (typeof directory !== 'string') throw new OptionError('OPTION', `load: directory: expected a string, got ${typeof directory}`)
  const options = checkOptions(given)
  const { signal } = options
  signal?.throwIfAborted()
  const on = (name: BackendName) => loadOn(name, directory, options)
  if (options.backendOrder !== 'fastest') return first(tried(orderOf(options), on, signal))
  const known = recall(directory, BACKENDS)
  if (known) return first(tried([known, ...BACKENDS.filter(name => name !== known)], on, signal))
  const runner = await fastest(tried(BACKENDS, async name => timed(await on(name), signal), signal))
  remember(directory, runner.backendName)
  return runner
}

async function first(runners: AsyncIterable<Runner>): Promise<Runner> {
  for await (const runner of runners) return runner
  throw new Error('tried gives one or throws')
}

/**
 * What an action gives for each backend for which it succeeds.
 *
 * @throws BackendError if it succeeds for none
 */
async function* tried<T>(order: readonly BackendName[], action: (name: BackendName) => Promise<T>, signal?: AbortSignal): AsyncIterable<T> {
  const causes: unknown[] = []
  const reasons: string[] = []
  for (const [i, name] of order.entries()) {
    let result: T
    try {
      result = await action(name)
    } catch (error) {
      signal?.throwIfAborted()
      if (order.length === 1) throw error
      causes.push(error)
      reasons.push(`${name}: ${reason(error)}`)
      const next = order[i + 1]
      if (next) console.warn(`WebDNN: ${reasons.at(-1)}; trying ${next}`)
      continue
    }
    yield result
  }
  if (causes.length === order.length) throw new BackendError('NO_BACKEND', `No backend is available: ${reasons.join('; ')}`, { causes, cause: causes[0] })
}

function orderOf({ backendOrder = BACKENDS }: LoadOptions): BackendName[] {
  const names = typeof backendOrder === 'string' ? [backendOrder] : backendOrder
  const order = names.filter(name => name !== 'fallback' && name !== 'fastest')
  if (order.length < names.length) console.warn("WebDNN: backendOrder: 'fallback' is skipped: WebAssembly runs wherever it ran")
  if (!order.length) throw new OptionError('OPTION', `options: backendOrder: expected at least one of ${BACKENDS.join(', ')}, got none`)
  return order
}

async function loadOn(name: BackendName, directory: string, options: LoadOptions): Promise<Runner> {
  const downloader = createDownloader({
    directory,
    strategy: options.ignoreCache ? 'networkOnly' : options.cacheStrategy ?? 'latest',
    reload: options.ignoreCache ?? false,
    save: options.saveCache ?? true,
    weightDirectory: options.weightDirectory,
    transformUrl: options.transformUrlDelegate ?? (url => url),
    signal: options.signal,
    progress: options.progressCallback,
  })
  const kept = new Map<string, Promise<Place>>()

  function filesOf(plan: Plan): Files {
    const own = (entry: FileEntry, report: boolean) => {
      const file = new Uint8Array(entry.bytes)
      return downloader.bytes(entry, report, () => file)
    }
    const keep = (entry: FileEntry, report: boolean) => {
      const loading = kept.get(entry.file) ?? own(entry, report)
      if (entry.bytes <= KEEP_BYTES) kept.set(entry.file, loading)
      return loading
    }
    return {
      async weights(place) {
        if (!plan.weights) return () => new Uint8Array()
        return place ? downloader.bytes(plan.weights, true, place) : keep(plan.weights, true)
      },
      load: async entry => (await keep(entry, false))(),
    }
  }

  async function onDevice<T>(action: (device: Device) => Promise<T>): Promise<T> {
    const device = open[name](options.backendOptions ?? {}, options)
    try {
      return await action(device)
    } catch (error) {
      device.close()
      throw error
    }
  }

  return onDevice(async device => {
    const plan = parse(await downloader.text(device.file), device.file, name)
    const backend = await device.create(plan, filesOf(plan))
    options.signal?.throwIfAborted()
    if (isDebugMode()) console.log(`WebDNN: ${directory}: loaded for ${name}, ${plan.kernels.length} kernels`)
    setTimeout(downloader.save, SAVE_AFTER_MS)
    return createRunner(plan, backend, () => onDevice(again => again.create(plan, filesOf(plan))), downloader.save)
  })
}
