import type { Bindings, BackendName, FileEntry, Plan, Sizes, StoredType, TypedArray } from './descriptor'

/** What a backend needs besides the plan. */
export interface Files {
  /**
   * Loads the weight file.
   *
   * @param place where it is to lie; by default in memory of its own
   * @return its bytes
   */
  weights(place?: Place): Promise<Place>
  load(entry: FileEntry): Promise<Uint8Array<ArrayBuffer>>
}

/** Gives the memory that a file lies in, as long as the file; asked again each time, since memory that grows moves. */
export type Place = () => Uint8Array<ArrayBuffer>

/** A browser's means to compute, before there is a model on it. */
export interface Device {
  /** the descriptor that it wants */
  readonly file: string
  /** Compiles the kernels and uploads the weights. */
  create(plan: Plan, files: Files): Promise<Backend>
  close(): void
}

/** {@return the arrays that outputs go to}, asked for when all kernels have run; `measured` are the sizes that depend on data */
export type Outputs = (measured: Bindings) => readonly TypedArray[]

/** A model on a device. The runner calls one method at a time. */
export interface Backend {
  /** Makes the buffers for these sizes. Contents other than weights are lost. */
  resize(sizes: Sizes): Promise<void>
  /** Uploads the inputs, runs the kernels, reads the outputs; {@return how many kernels ran} */
  run(inputs: readonly TypedArray[], outputs: Outputs): Promise<number>
  /** {@return how many threads have computed something, on a backend that has threads} */
  threads?(): number
  /** {@return whether the device is gone, so that only a new one can go on} */
  lost(): boolean
  dispose(): void
}

/**
 * What tests take away from a device, or a user forbids it.
 *
 * | backend | key | meaning |
 * |---|---|---|
 * | webgpu | `limits` | greatest values of device limits, by WebGPU's names |
 * | webgpu | `features` | the only features that may be used |
 * | webgl | `maxTextureSize` | largest side of a texture |
 * | webgl | `maxDrawBuffers` | how many layers of a texture a shader writes at once |
 * | webgl | `halfRenderTargets` | whether float16 is written to textures of 16 bits; by default where the device keeps all such numbers |
 * | webgl | `floatRenderTargets` | false: as if textures of floats could not be drawn to |
 * | webassembly | `simd`, `relaxedSimd` | false: as if the browser had none |
 */
export interface BackendOptions {
  webgpu?: { limits?: Record<string, number>; features?: readonly string[] }
  webgl?: { maxTextureSize?: number; maxDrawBuffers?: number; floatRenderTargets?: boolean; halfRenderTargets?: boolean }
  webassembly?: { simd?: boolean; relaxedSimd?: boolean }
}

export type { Bindings, BackendName, StoredType, TypedArray }
