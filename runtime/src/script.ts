import { BackendError, reason } from './errors'

let script: string | undefined
let type: WorkerType = 'classic'

/** Says where this script lies: a worker loads it again from there, since a strict policy forbids anything else. */
export function setScript(address: string | undefined, kind: WorkerType): void {
  script = address
  type = kind
}

/** {@return a worker that runs this script, and knows by its name what for} */
export function startWorker(name: string): Worker {
  if (!script || typeof Worker === 'undefined') {
    throw new BackendError('BACKEND_UNAVAILABLE', 'worker: expected webdnn.js or webdnn.mjs as a file of its own, loaded by a page')
  }
  try {
    return new Worker(script, { name, type })
  } catch (cause) {
    throw new BackendError('BACKEND_UNAVAILABLE', `worker: ${script} could not be started: ${reason(cause)}`, { cause })
  }
}

/** {@return what a worker's error says; one whose script does not load says nothing} */
export const whyStopped = ({ message }: ErrorEvent) => message ?? `${script} could not be loaded`

/** {@return this global scope, if it is that of a worker of one of these names} */
export function inWorker(...names: string[]): DedicatedWorkerGlobalScope | undefined {
  const scope = globalThis as unknown as DedicatedWorkerGlobalScope
  const isWorker = typeof DedicatedWorkerGlobalScope !== 'undefined' && scope instanceof DedicatedWorkerGlobalScope
  return isWorker && names.includes(scope.name) ? scope : undefined
}

// TypeScript has the types of a page and those of a worker, but not both at once.
declare class DedicatedWorkerGlobalScope {
  readonly name: string
  onmessage: ((event: MessageEvent) => void) | null
  postMessage(message: unknown, transfer?: Transferable[]): void
}
