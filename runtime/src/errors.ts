/**
 * Why something did not work, for programs; the message is for people.
 *
 * | code | meaning |
 * |---|---|
 * | `OPTION` | an option or an argument that does not exist or has a wrong value |
 * | `NETWORK`, `HTTP` | a file could not be fetched; the server's answer was not 2xx |
 * | `NOT_CACHED` | `cacheStrategy: 'cacheOnly'` and the file is not in the cache |
 * | `TRUNCATED`, `HASH` | a file has another size, or other bytes, than its descriptor says |
 * | `DESCRIPTOR`, `FORMAT` | a descriptor that is broken; one of a format that this runtime does not know |
 * | `BACKEND_UNAVAILABLE` | the browser or the device lacks what the backend needs |
 * | `NO_BACKEND` | none of the backends that were asked for could be loaded; `causes` says why for each |
 * | `WRONG` | a backend that computes something else than the compiler did, with `backendOrder: 'fastest'` |
 * | `KERNEL` | a kernel could not be compiled or failed; `node` is its name |
 * | `MEMORY` | the device gave less memory than the model needs |
 * | `LOST` | the device was lost, and could not be had again |
 * | `PLACEHOLDER` | a symbolic size has no value, or one that does not fit |
 * | `INPUT` | an input of a wrong type or size |
 * | `NO_GOLDEN` | `selfTest()` of a descriptor that carries no golden vectors |
 * | `DISPOSED` | the runner was disposed of |
 * | `IMAGE` | an image that cannot be loaded or read |
 */
export type ErrorCode =
  | 'OPTION' | 'NETWORK' | 'HTTP' | 'NOT_CACHED' | 'TRUNCATED' | 'HASH' | 'DESCRIPTOR' | 'FORMAT'
  | 'BACKEND_UNAVAILABLE' | 'NO_BACKEND' | 'WRONG' | 'KERNEL' | 'MEMORY' | 'LOST' | 'PLACEHOLDER' | 'INPUT' | 'NO_GOLDEN'
  | 'DISPOSED' | 'IMAGE'

export interface ErrorDetails {
  readonly node?: string
  readonly cause?: unknown
}

/** What every error of the runtime is; `signal` alone throws its own reason. */
export class WebDNNError extends Error {
  override name = 'WebDNNError'
  /** the kernel that it is about, where it is about one */
  readonly node: string | undefined
  constructor(readonly code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined)
    this.node = details.node
  }
}

/** A wrong option or argument. */
export class OptionError extends WebDNNError {
  override name = 'OptionError'
}

/** A file that could not be fetched, or is not the one that the descriptor means. */
export class DownloadError extends WebDNNError {
  override name = 'DownloadError'
}

/** A descriptor that cannot be read. */
export class DescriptorError extends WebDNNError {
  override name = 'DescriptorError'
}

/** A backend that this browser or device does not have; also: no backend at all. */
export class BackendError extends WebDNNError {
  override name = 'BackendError'
  /** for `NO_BACKEND`: what each backend failed with, in the order in which they were tried */
  readonly causes: readonly unknown[]
  constructor(code: ErrorCode, message: string, details: ErrorDetails & { causes?: readonly unknown[] } = {}) {
    super(code, message, details)
    this.causes = details.causes ?? []
  }
}

/** A kernel that the browser refused, or that failed when it ran. */
export class KernelError extends WebDNNError {
  override name = 'KernelError'
}

/** Inputs or symbolic sizes that do not fit the model. */
export class InputError extends WebDNNError {
  override name = 'InputError'
}

/** An image that cannot be loaded or read. */
export class ImageError extends WebDNNError {
  override name = 'ImageError'
}

/** {@return the first line of what an error says} */
export function reason(error: unknown): string {
  return (error instanceof Error ? error.message || error.name : String(error)).split('\n')[0]!
}
