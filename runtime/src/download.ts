import type { Place } from './backend'
import type { FileEntry } from './descriptor'
import { DownloadError, reason } from './errors'

/**
 * Where files come from.
 *
 * | strategy | descriptor | weights and code |
 * |---|---|---|
 * | `latest` | network, else cache | cache if its bytes are the ones that the descriptor means, else network |
 * | `networkFirst` | network, else cache | network, else cache |
 * | `cacheFirst` | cache, else network | cache, else network |
 * | `networkOnly` | network | network |
 * | `cacheOnly` | cache | cache |
 */
export type CacheStrategy = 'latest' | 'networkFirst' | 'cacheFirst' | 'networkOnly' | 'cacheOnly'
export const CACHE_STRATEGIES: readonly CacheStrategy[] = ['latest', 'networkFirst', 'cacheFirst', 'networkOnly', 'cacheOnly']

export interface DownloadOptions {
  directory: string
  strategy: CacheStrategy
  /** ask the server again whatever the browser's own cache holds */
  reload: boolean
  save: boolean
  weightDirectory: string | undefined
  transformUrl: (url: string) => string
  signal: AbortSignal | undefined
  progress: ((loaded: number, total: number) => void) | undefined
}

export interface Downloader {
  /** Fetches a text whose content may have changed since the last time. */
  text(file: string): Promise<string>
  /**
   * Fetches a file to a place and checks that it is the one that the descriptor means.
   *
   * @return the place
   */
  bytes(entry: FileEntry, report: boolean, place: Place): Promise<Place>
  /** Puts what was fetched into the cache, and ends when it is there. That takes long: it waits until somebody asks for it, or for the file. */
  save(): Promise<void>
}

interface Complaint {
  code: 'TRUNCATED' | 'HASH'
  message: string
}

const CACHE = 'webdnn'
/** Under this name `localStorage` says that something was put into the cache. */
const KEPT = 'webdnn cache'
const PROGRESS_EVERY_MS = 16
/** How much of a file goes on its way into the cache at once. */
const SAVED_AT_ONCE = 1 << 20

/** What is to come into the cache, by key: begins to put it there, once, and ends when it is there. */
const saving = new Map<string, () => Promise<void>>()

/** Fetches files of one descriptor, through the browser's Cache API where there is one (secure contexts). */
export function createDownloader(options: DownloadOptions): Downloader {
  const { directory, strategy, signal } = options
  const isCached = typeof caches !== 'undefined' && (strategy !== 'networkOnly' || options.save)
  const cache = isCached ? caches.open(CACHE).catch(() => undefined) : Promise.resolve(undefined)

  const unsaved: (() => Promise<void>)[] = []
  let saved: Promise<void> = Promise.resolve()
  const addressOf = (file: string) => {
    const base = file.endsWith('.bin') && options.weightDirectory !== undefined ? options.weightDirectory : directory
    return options.transformUrl(`${base.replace(/\/+$/, '')}/${file}`)
  }
  /** The cache goes by content: a file of other bytes is another entry. */
  const keyOf = (address: string, sha256?: string) => {
    const key = new URL(address, typeof location === 'undefined' ? undefined : location.href)
    key.hash = ''
    if (sha256) key.searchParams.set('sha256', sha256)
    return key.href
  }

  async function request(address: string, mode: RequestCache): Promise<Response> {
    let response: Response
    try {
      response = await fetch(address, { cache: mode, ...(signal && { signal }) })
    } catch (cause) {
      signal?.throwIfAborted()
      const hint = address.startsWith('http') || globalThis.location?.protocol !== 'file:' ? '' : '; a page that was opened as a file may not load files: serve it (webdnn serve .)'
      throw new DownloadError('NETWORK', `${address}: could not be fetched: ${reason(cause)}${hint}`, { cause })
    }
    if (!response.ok) throw new DownloadError('HTTP', `${address}: expected a file, got HTTP ${response.status} ${response.statusText}`.trim())
    return response
  }

  async function cached(key: string): Promise<Response | undefined> {
    try {
      await saving.get(key)?.()
      return await (await cache)?.match(key)
    } catch {
      return undefined
    }
  }

  function store(address: string, key: string, body: () => BodyInit): void {
    if (!options.save) return
    let saved: Promise<void> | undefined
    const start = () => saved ??= put(address, key, body).finally(() => saving.get(key) === start && saving.delete(key))
    saving.set(key, start)
    unsaved.push(start)
  }

  async function put(address: string, key: string, body: () => BodyInit): Promise<void> {
    try {
      const open = await cache
      if (!open) return
      keep()
      const plain = keyOf(address)
      for (const old of await open.keys(plain, { ignoreSearch: true })) {
        // other files may share the path and differ in the rest of the query: only our own mark is ours to drop
        const url = new URL(old.url)
        url.searchParams.delete('sha256')
        if (old.url !== key && url.href === plain) await open.delete(old)
      }
      await open.put(key, new Response(body()))
    } catch {
      // a full or forbidden cache costs the next visit some time, nothing more
    }
  }

  /** In the order that the strategy says: the first that gives a result. */
  async function first<T>(address: string, fromCache: () => Promise<T | undefined>, fromNetwork: () => Promise<T>, cacheFirst: boolean): Promise<T> {
    signal?.throwIfAborted()
    if (strategy === 'networkOnly') return fromNetwork()
    if (cacheFirst || strategy === 'cacheOnly') {
      const found = await fromCache()
      if (found !== undefined) return found
      if (strategy === 'cacheOnly') throw new DownloadError('NOT_CACHED', `${address}: expected to find it in the cache (cacheStrategy 'cacheOnly'), found nothing`)
      return fromNetwork()
    }
    try {
      return await fromNetwork()
    } catch (error) {
      signal?.throwIfAborted()
      // a server that answers that there is no such file is believed; one that does not answer is offline
      const found = error instanceof DownloadError && error.code === 'HTTP' ? undefined : await fromCache()
      if (found !== undefined) return found
      throw error
    }
  }

  return {
    async text(file) {
      const address = addressOf(file)
      const key = keyOf(address)
      return first(address, async () => (await cached(key))?.text(), async () => {
        const text = await (await request(address, options.reload ? 'reload' : 'no-cache')).text()
        store(address, key, () => text)
        return text
      }, strategy === 'cacheFirst')
    },

    async bytes(entry, report, place) {
      const address = addressOf(entry.file)
      const key = keyOf(address, entry.sha256)
      const progress = report ? options.progress : undefined
      const found = async () => {
        const response = await cached(key)
        return response && !await receive(response, entry, address, place, progress).catch(() => true) ? place : undefined
      }
      return first(address, found, async () => {
        // what is to stand in our cache need not stand in the browser's own, too: that takes half as long again
        const mode = options.reload ? 'reload' : options.save && isCached ? 'no-store' : 'default'
        let wrong = await receive(await request(address, mode), entry, address, place, progress)
        // the browser's own cache may hold the file of an older descriptor
        if (wrong && mode === 'default') wrong = await receive(await request(address, 'reload'), entry, address, place, progress)
        if (wrong) throw new DownloadError(wrong.code, `${address}: ${wrong.message}`)
        store(address, key, () => streamOf(place))
        return place
      }, strategy === 'latest' && mayBeKept(key) || strategy === 'cacheFirst')
    },

    save() {
      if (unsaved.length) saved = Promise.all([saved, ...unsaved.splice(0).map(start => start())]).then(() => {})
      return saved
    },
  }

  /** Puts a file where it stays, without a second copy, checks each part when it is there, and says what is wrong. */
  async function receive(response: Response, entry: FileEntry, address: string, place: Place, progress: DownloadOptions['progress']): Promise<Complaint | undefined> {
    const whole = place()
    const { bytes: step, sha256: hashes } = partsOf(entry)
    const checks: Promise<Complaint | undefined>[] = []
    let loaded = 0
    let shown = -Infinity
    try {
      for (const reader = response.body?.getReader(); reader;) {
        const { done, value } = await reader.read()
        if (done) break
        if (loaded + value.length <= whole.length) whole.set(value, loaded)
        loaded += value.length
        for (let at; (at = checks.length * step) < whole.length && loaded >= Math.min(at + step, whole.length);) {
          checks.push(complaint(whole.subarray(at, at + step), hashes[checks.length]))
        }
        if (progress && loaded < entry.bytes && performance.now() - shown >= PROGRESS_EVERY_MS) {
          shown = performance.now()
          progress(loaded, entry.bytes)
        }
      }
    } catch (cause) {
      signal?.throwIfAborted()
      throw new DownloadError('NETWORK', `${address}: the connection broke: ${reason(cause)}`, { cause })
    }
    if (loaded !== entry.bytes) return { code: 'TRUNCATED', message: `expected ${entry.bytes} bytes, got ${loaded}` }
    progress?.(loaded, entry.bytes)
    return (await Promise.all(checks)).find(wrong => wrong)
  }
}

/**
 * {@return whether the cache may hold a file}; to open it takes a browser some tens of milliseconds the first time, which
 * is when nothing is there. Where no storage says so, as in workers, it may.
 */
function mayBeKept(key: string): boolean {
  if (saving.has(key)) return true
  try {
    return localStorage.getItem(KEPT) !== null
  } catch {
    return true
  }
}

function keep(): void {
  try {
    localStorage.setItem(KEPT, 'yes')
  } catch {
    // then nobody else can tell that nothing was put there
  }
}

/** {@return the parts that a file is checked in: one where the descriptor does not say what all of them hold} */
function partsOf({ bytes, sha256, parts }: FileEntry): NonNullable<FileEntry['parts']> {
  return parts && parts.sha256.length === Math.ceil(bytes / parts.bytes) ? parts : { bytes, sha256: [sha256] }
}

/** {@return what is wrong with a part of a file, if anything}; outside secure contexts it is not known. */
async function complaint(part: Uint8Array<ArrayBuffer>, expected: string | undefined): Promise<Complaint | undefined> {
  if (!expected || !globalThis.crypto?.subtle) return undefined
  const isShared = !(part.buffer instanceof ArrayBuffer) // by threads, which might write to it: not taken
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', isShared ? part.slice() : part))
  const actual = Array.from(digest, byte => byte.toString(16).padStart(2, '0')).join('')
  return actual === expected ? undefined : { code: 'HASH', message: `expected SHA-256 ${expected}, got ${actual}; the file belongs to another descriptor` }
}

/** {@return what lies at a place, copied piece by piece} */
function streamOf(place: Place): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0
  return new ReadableStream({
    pull(controller) {
      const piece = place().slice(at, at += SAVED_AT_ONCE)
      if (piece.length) controller.enqueue(piece)
      else controller.close()
    },
  })
}
