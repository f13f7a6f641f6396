// A request that ends where nothing moves any more. On a line that died in silence a browser would wait for a quarter
// of an hour; on one that is slow it may take as long as it takes.

import type { Surroundings } from '../surroundings.ts'

const SILENCE_MS = 30_000
/** What is sent tells nobody how far it is, so that it gets the time that it takes at eight kilobits a second. */
const MS_A_BYTE_UP = 1

/** The answer is there whole when the promise settles. */
export const patientFetch = async (
  { fetch, after }: Pick<Surroundings, 'fetch' | 'after'>,
  url: string,
  init: RequestInit,
): Promise<Response> => {
  const aborting = new AbortController()
  const abort = (): void => aborting.abort()
  init.signal?.addEventListener('abort', abort)
  if (init.signal?.aborted) abort()
  let cancel = after(SILENCE_MS + bytesOf(init.body) * MS_A_BYTE_UP, abort)
  const moved = (): void => {
    cancel()
    cancel = after(SILENCE_MS, abort)
  }
  try {
    const response = await fetch(url, { ...init, signal: aborting.signal })
    if (response.body === null) return response
    moved()
    const body = await readWhole(response.body, moved)
    const { status, statusText, headers } = response
    return new Response(body, { status, statusText, headers })
  } finally {
    cancel()
    init.signal?.removeEventListener('abort', abort)
  }
}

const readWhole = async (body: ReadableStream<Uint8Array>, moved: () => void): Promise<Blob> => {
  const reader = body.getReader()
  const chunks: Uint8Array<ArrayBuffer>[] = []
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    moved()
    chunks.push(new Uint8Array(read.value))
  }
  return new Blob(chunks)
}

const bytesOf = (body: RequestInit['body']): number =>
  typeof body === 'string' ? body.length : body instanceof Uint8Array ? body.length : 0
