import { constants, inflateRawSync } from 'node:zlib'
import type { WebSocket } from 'ws'
import { isObject } from '../../shared/wire/shape.ts'

/**
 * Browsers compress every message, however small, once permessage-deflate is agreed. `ws` gives each to a zlib
 * stream of the socket: tens of KB that stay with every socket that has ever spoken, and a trip through the thread
 * pool, where it waits behind the store's writes. Without context takeover a small message can as well be inflated
 * where it arrives, in 5 µs, and nothing stays. What is large, fragmented or damaged goes the way `ws` has for it.
 */
interface Inflater {
  decompress(data: Buffer, isLast: boolean, done: InflateDone): void
}

type InflateDone = (error: Error | null, data?: Buffer) => void

const COMPRESSED_BYTES_MAX = 16 * 1024
const INFLATED_BYTES_MAX = 256 * 1024

/** False where `ws` keeps its inflater elsewhere than in the version this was written for; then all is as it was. */
export const inflateAtOnce = (webSocket: WebSocket): boolean => {
  const inflater = inflaterOf(webSocket)
  if (inflater === null) return false
  const inflateInStream = inflater.decompress.bind(inflater)
  let isFragmented = false
  inflater.decompress = (data, isLast, done) => {
    const isWhole = isLast && !isFragmented
    isFragmented = !isLast
    const inflated = isWhole && data.length <= COMPRESSED_BYTES_MAX ? inflate(data) : null
    if (inflated === null) inflateInStream(data, isLast, done)
    // `ws` expects the answer after its own function has returned.
    else process.nextTick(done, null, inflated)
  }
  return true
}

const inflate = (data: Buffer): Buffer | null => {
  try {
    return inflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: INFLATED_BYTES_MAX })
  } catch {
    return null
  }
}

const inflaterOf = (webSocket: WebSocket): Inflater | null => {
  const extensions: unknown = Reflect.get(webSocket, '_extensions')
  const inflater: unknown = isObject(extensions) ? extensions['permessage-deflate'] : null
  return isInflater(inflater) ? inflater : null
}

const isInflater = (value: unknown): value is Inflater =>
  isObject(value) && typeof value.decompress === 'function'
