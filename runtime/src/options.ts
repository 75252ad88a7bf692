import type { BackendOptions } from './backend'
import type { BackendName } from './descriptor'
import type { CacheStrategy } from './download'
import { CACHE_STRATEGIES } from './download'
import { OptionError } from './errors'

export interface LoadOptions {
  /** which backends to try, in this order; default `['webgpu', 'webgl', 'webassembly']`; 'fastest': they are measured, once */
  backendOrder?: 'fastest' | BackendName | 'fallback' | readonly (BackendName | 'fallback')[]
  /** what a backend may not use, for tests above all */
  backendOptions?: BackendOptions
  /** whether WebAssembly runs in a worker, so that the page goes on while it computes; default false */
  worker?: boolean
  /**
   * how many threads WebAssembly may use, which the page must be isolated across origins for (COOP and COEP headers); default
   * as many as there are processors, but at most 4. Results do not depend on it.
   */
  threads?: number
  /** called while the weights come in, with bytes */
  progressCallback?: (loaded: number, total: number) => void
  /** ends the loading; `load` then throws the signal's reason */
  signal?: AbortSignal
  /** default `latest` */
  cacheStrategy?: CacheStrategy
  /** whether to keep the files for the next visit; default true */
  saveCache?: boolean
  /** of WebDNN before 1.2: the same as `cacheStrategy: 'networkOnly'`, and past the browser's own cache */
  ignoreCache?: boolean
  /** where the weight file (`.bin`) lies, if not beside the descriptor */
  weightDirectory?: string
  /** changes the address of every file before it is fetched */
  transformUrlDelegate?: (url: string) => string
}

type Rule = readonly [expected: string, accepts: (value: unknown) => boolean]

export const BACKENDS: readonly BackendName[] = ['webgpu', 'webgl', 'webassembly']
const NAMES: readonly unknown[] = [...BACKENDS, 'fallback']

const BOOLEAN: Rule = ['a boolean', value => typeof value === 'boolean']
const TEXT: Rule = ['a string', value => typeof value === 'string']
const FUNCTION: Rule = ['a function', value => typeof value === 'function']
const OBJECT: Rule = ['an object', value => typeof value === 'object' && value !== null]

const RULES: Record<keyof LoadOptions, Rule> = {
  backendOrder: [
    `some of ${BACKENDS.join(', ')}, or 'fastest'`,
    value => value === 'fastest' || (Array.isArray(value) ? value : [value]).every(name => NAMES.includes(name)),
  ],
  backendOptions: OBJECT,
  worker: BOOLEAN,
  threads: ['a whole number from 1 on', value => Number.isInteger(value) && (value as number) > 0],
  progressCallback: FUNCTION,
  signal: ['an AbortSignal', value => value instanceof AbortSignal],
  cacheStrategy: [CACHE_STRATEGIES.join(', '), value => CACHE_STRATEGIES.includes(value as CacheStrategy)],
  saveCache: BOOLEAN,
  ignoreCache: BOOLEAN,
  weightDirectory: TEXT,
  transformUrlDelegate: FUNCTION,
}

/** Refuses options that do not exist or have a wrong value; `undefined` is as good as left out. */
export function checkOptions(options: unknown): LoadOptions {
  if (typeof options !== 'object' || options === null) throw new OptionError('OPTION', `options: expected an object, got ${String(options)}`)
  for (const [name, value] of Object.entries(options)) {
    const rule = RULES[name as keyof LoadOptions]
    if (!rule) throw new OptionError('OPTION', `options: expected ${Object.keys(RULES).join(', ')}, got ${name}`)
    if (value !== undefined && !rule[1](value)) throw new OptionError('OPTION', `options: ${name}: expected ${rule[0]}, got ${JSON.stringify(value) ?? typeof value}`)
  }
  return options
}
