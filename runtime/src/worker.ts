import type { Backend, BackendOptions, Device, Files } from './backend'
import type { Bindings, Plan, Sizes, TypedArray } from './descriptor'
import { outputArrays } from './descriptor'
import type { ErrorCode } from './errors'
import { BackendError, KernelError, WebDNNError, reason } from './errors'
import { inWorker, startWorker, whyStopped } from './script'
import { codeOf, openWebAssembly } from './wasm'

/** The name that the worker gets, so that the script knows it there. */
export const WORKER = 'webdnn'

interface Create { method: 'create'; options: BackendOptions['webassembly']; threads: number | undefined; plan: Plan; weights: Uint8Array<ArrayBuffer>; code: Uint8Array<ArrayBuffer> }
interface Resize { method: 'resize'; sizes: Sizes }
interface Run { method: 'run'; inputs: readonly TypedArray[] }
type Request = Create | Resize | Run
interface Failure { code: ErrorCode; message: string; node: string | undefined }
interface Answer { id: number; measured?: Bindings; kernels?: number; threads?: number; outputs?: TypedArray[]; failure?: Failure }

/** WebAssembly in a worker, so that the page goes on while it computes. */
export function openWorker(options: BackendOptions['webassembly'] = {}, threads?: number): Device {
  const { file, close } = openWebAssembly(options, threads) // fails where the browser has no WebAssembly
  const worker = startWorker(WORKER)
  return {
    file,
    create: (plan, files) => createInWorker(worker, options, threads, plan, files),
    close() {
      worker.terminate()
      close()
    },
  }
}

async function createInWorker(worker: Worker, options: BackendOptions['webassembly'], threads: number | undefined, plan: Plan, files: Files): Promise<Backend> {
  let threadsSeen = 1
  const waiting = new Map<number, { resolve(answer: Answer): void; reject(error: unknown): void }>()
  let count = 0
  let broken: WebDNNError | undefined
  worker.onmessage = ({ data }: MessageEvent<Answer>) => {
    const call = waiting.get(data.id)!
    waiting.delete(data.id)
    if (data.failure) call.reject(revive(data.failure))
    else call.resolve(data)
  }
  worker.onerror = event => {
    broken = new BackendError('LOST', `worker: it stopped: ${whyStopped(event)}`)
    for (const call of waiting.values()) call.reject(broken)
    waiting.clear()
  }
  function call(request: Request): Promise<Answer> {
    if (broken) return Promise.reject(broken)
    return new Promise((resolve, reject) => {
      waiting.set(count, { resolve, reject })
      worker.postMessage({ ...request, id: count++ })
    })
  }

  const [weights, code] = await Promise.all([files.weights(), files.load(codeOf(plan, options))])
  await call({ method: 'create', options, threads, plan, weights: weights(), code })
  return {
    async resize(sizes) {
      await call({ method: 'resize', sizes })
    },
    async run(from, to) {
      const { kernels, threads: seen, measured, outputs } = await call({ method: 'run', inputs: from })
      threadsSeen = seen!
      const arrays = to(measured!)
      outputs!.forEach((array, i) => arrays[i]!.set(array))
      return kernels!
    },
    threads: () => threadsSeen,
    lost: () => broken !== undefined,
    dispose: () => worker.terminate(),
  }
}

function revive({ code, message, node }: Failure): WebDNNError {
  const details = node === undefined ? {} : { node }
  return code === 'KERNEL' ? new KernelError(code, message, details) : new WebDNNError(code, message, details)
}

/** In a worker that `openWorker` started: computes what the page asks for. */
export function serve(): void {
  const scope = inWorker(WORKER)
  if (!scope) return
  let backend: Backend
  let plan: Plan
  let sizes: Sizes

  async function perform(request: Request): Promise<Partial<Answer>> {
    switch (request.method) {
      case 'create': {
        plan = request.plan
        const files: Files = {
          async weights(place = () => request.weights) {
            if (place() !== request.weights) place().set(request.weights)
            return place
          },
          load: async () => request.code,
        }
        backend = await openWebAssembly(request.options, request.threads).create(plan, files)
        return {}
      }
      case 'resize':
        sizes = request.sizes
        await backend.resize(sizes)
        return {}
      case 'run': {
        const answer: Partial<Answer> = {}
        const kernels = await backend.run(request.inputs, measured => {
          answer.measured = measured
          return answer.outputs = outputArrays(plan, new Map([...sizes.bindings, ...measured]))
        })
        return { ...answer, kernels, threads: backend.threads!() }
      }
    }
  }

  scope.onmessage = async ({ data }: MessageEvent<Request & { id: number }>) => {
    const answer: Answer = { id: data.id }
    try {
      Object.assign(answer, await perform(data))
    } catch (error) {
      const { code, node } = error instanceof WebDNNError ? error : { code: 'BACKEND_UNAVAILABLE' as const, node: undefined }
      answer.failure = { code, message: reason(error), node }
    }
    scope.postMessage(answer, (answer.outputs ?? []).map(array => array.buffer))
  }
}
