import type { BackendName } from './descriptor'
import { BackendError } from './errors'
import type { Runner } from './runner'

/** Enough to be past the first one, which allocates and compiles; a slow model is measured by fewer. */
const RUNS = 4
const LONG_MILLISECONDS = 1000

/** A runner, and how long a run of it takes. */
interface Timed {
  runner: Runner
  milliseconds: number
}

/**
 * Measures a runner; one that fails is disposed of.
 *
 * @throws BackendError if it computes something else than the compiler did
 */
export async function timed(runner: Runner, signal?: AbortSignal): Promise<Timed> {
  try {
    let least = Infinity
    for (let run = 0, total = 0; run < RUNS && total < LONG_MILLISECONDS; run++) {
      const { passed, milliseconds, worst } = await runner.selfTest()
      signal?.throwIfAborted()
      if (!passed) throw new BackendError('WRONG', `the self-test failed: output '${worst.output}' at ${worst.index}: expected ${worst.expected}, got ${worst.actual}`)
      least = Math.min(least, milliseconds)
      total += milliseconds
    }
    return { runner, milliseconds: least }
  } catch (error) {
    runner.dispose()
    throw error
  }
}

/** {@return the runner that takes the least time; the others are disposed of} */
export async function fastest(candidates: AsyncIterable<Timed>): Promise<Runner> {
  let best: Timed | undefined
  try {
    for await (const one of candidates) {
      const isBetter = !best || one.milliseconds < best.milliseconds
      const other: Timed | undefined = isBetter ? best : one
      other?.runner.dispose()
      if (isBetter) best = one
    }
  } catch (error) {
    best?.runner.dispose()
    throw error
  }
  return best!.runner
}

/** {@return the backend that was the fastest with this model in this version of this browser, if that is known} */
export function recall(directory: string, names: readonly BackendName[]): BackendName | undefined {
  try {
    const [agent, name] = JSON.parse(localStorage.getItem(key(directory)) ?? '[]')
    return agent === navigator.userAgent ? names.find(known => known === name) : undefined
  } catch {
    return undefined // a page without storage, or somebody else's text
  }
}

export function remember(directory: string, name: BackendName): void {
  try {
    localStorage.setItem(key(directory), JSON.stringify([navigator.userAgent, name]))
  } catch {
    // measured again next time
  }
}

function key(directory: string): string {
  return `WebDNN fastest ${new URL(directory, location.href).href}`
}
