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
  /** Fetches a file and checks that it is the one that the descriptor means. */
  bytes(entry: FileEntry, report: boolean): Promise<ArrayBuffer>
}

/** What a server sent: `length` bytes, all of them in the buffer if they are as many as expected. */
interface Received {
  buffer: ArrayBuffer
  length: number
}

const CACHE = 'webdnn'
const PROGRESS_EVERY_MS = 16

/** What is on its way into the cache, by key: nobody waits for it but who wants to read it. */
const saving = new Map<string, Promise<void>>()

/** Fetches files of one descriptor, through the browser's Cache API where there is one (secure contexts). */
export function createDownloader(options: DownloadOptions): Downloader {
  const { directory, strategy, signal } = options
  const cache = typeof caches === 'undefined' || strategy === 'networkOnly' && !options.save
    ? Promise.resolve(undefined)
    : caches.open(CACHE).catch(() => undefined)

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
      await saving.get(key)
      return await (await cache)?.match(key)
    } catch {
      return undefined
    }
  }

  function store(address: string, key: string, body: BodyInit): void {
    const copy = new Response(body) // now: who asked for the file may hand its memory on
    const saved = put(address, key, copy).finally(() => saving.get(key) === saved && saving.delete(key))
    saving.set(key, saved)
  }

  async function put(address: string, key: string, copy: Response): Promise<void> {
    try {
      const open = options.save ? await cache : undefined
      if (!open) return
      const plain = keyOf(address)
      for (const old of await open.keys(plain, { ignoreSearch: true })) {
        // other files may share the path and differ in the rest of the query: only our own mark is ours to drop
        const url = new URL(old.url)
        url.searchParams.delete('sha256')
        if (old.url !== key && url.href === plain) await open.delete(old)
      }
      await open.put(key, copy)
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
        store(address, key, text)
        return text
      }, strategy === 'cacheFirst')
    },

    async bytes(entry, report) {
      const address = addressOf(entry.file)
      const key = keyOf(address, entry.sha256)
      const progress = report ? options.progress : undefined
      const found = async () => {
        const buffer = await (await cached(key))?.arrayBuffer()
        if (!buffer || await complaint({ buffer, length: buffer.byteLength }, entry)) return undefined
        progress?.(entry.bytes, entry.bytes)
        return buffer
      }
      return first(address, found, async () => {
        let received = await receive(await request(address, options.reload ? 'reload' : 'default'), entry, address, progress)
        let wrong = await complaint(received, entry)
        if (wrong && !options.reload) {
          // the browser's own cache may hold the file of an older descriptor
          received = await receive(await request(address, 'reload'), entry, address, progress)
          wrong = await complaint(received, entry)
        }
        if (wrong) throw new DownloadError(wrong.code, `${address}: ${wrong.message}`)
        store(address, key, received.buffer)
        return received.buffer
      }, strategy === 'latest' || strategy === 'cacheFirst')
    },
  }

  async function receive(response: Response, entry: FileEntry, address: string, progress: DownloadOptions['progress']): Promise<Received> {
    try {
      if (!progress || !response.body) {
        const buffer = await response.arrayBuffer()
        progress?.(buffer.byteLength, entry.bytes)
        return { buffer, length: buffer.byteLength }
      }
      // The size is known: the file is put together where it stays, without a second copy.
      const whole = new Uint8Array(entry.bytes)
      let loaded = 0
      let shown = -Infinity
      for (const reader = response.body.getReader(); ;) {
        const { done, value } = await reader.read()
        if (done) break
        if (loaded + value.length <= whole.length) whole.set(value, loaded)
        loaded += value.length
        if (loaded < entry.bytes && performance.now() - shown >= PROGRESS_EVERY_MS) {
          shown = performance.now()
          progress(loaded, entry.bytes)
        }
      }
      progress(loaded, entry.bytes)
      return { buffer: whole.buffer, length: loaded }
    } catch (cause) {
      signal?.throwIfAborted()
      throw new DownloadError('NETWORK', `${address}: the connection broke: ${reason(cause)}`, { cause })
    }
  }
}

/** {@return what is wrong with a file, if anything}; outside secure contexts only its size is known. */
async function complaint({ buffer, length }: Received, { bytes, sha256 }: FileEntry): Promise<{ code: 'TRUNCATED' | 'HASH'; message: string } | undefined> {
  if (length !== bytes) return { code: 'TRUNCATED', message: `expected ${bytes} bytes, got ${length}` }
  if (!sha256 || !globalThis.crypto?.subtle) return undefined
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', buffer))
  const actual = Array.from(digest, byte => byte.toString(16).padStart(2, '0')).join('')
  return actual === sha256 ? undefined : { code: 'HASH', message: `expected SHA-256 ${sha256}, got ${actual}; the file belongs to another descriptor` }
}
