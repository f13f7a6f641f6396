import { pipeline, Readable } from 'node:stream'
import { promisify } from 'node:util'
import { constants, createGzip, gzip } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { onThread } from '../thread-turns.ts'

const gzipped = promisify(gzip)

/**
 * Compresses answers above a threshold. Gzip at level 4: on rows of JSON it saves nearly what level 9 does for a
 * third of the time. Event streams stay as they are: a compressor would hold each event back until it has more.
 */
export interface CompressionParts {
  /** 0 compresses nothing. */
  aboveBytes: number
  compressed(before: number, after: number): void
}

const level = 4
const compressible =
  /^(?:text\/(?!event-stream)|application\/(?:[\w.-]+\+)?(?:json|ndjson|x-ndjson|javascript|xml|x-corecord[\w.-]*)|image\/svg)/

export function addCompression(app: FastifyInstance, { aboveBytes, compressed }: CompressionParts): void {
  if (aboveBytes === 0) return
  app.addHook('onSend', async (request, reply, payload: unknown) => {
    if (!mayCompress(request, reply)) return payload
    if (payload instanceof Readable) {
      markCompressed(reply)
      // Flushed with every chunk, since who streams wants it read as it comes.
      return pipeline(payload, createGzip({ level, flush: constants.Z_SYNC_FLUSH }), ignoreEnd)
    }
    const bytes = typeof payload === 'string' || payload instanceof Uint8Array ? payload : null
    if (bytes === null) return payload
    const before = typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.byteLength
    if (before <= aboveBytes) return payload
    const after = await onThread(before, () => gzipped(bytes, { level }))
    compressed(before, after.byteLength)
    markCompressed(reply)
    return after
  })
}

/** An error in either destroys both, and the answer with them: the reader sees it cut short. */
function ignoreEnd(): void {}

function mayCompress(request: FastifyRequest, reply: FastifyReply): boolean {
  if (request.method === 'HEAD' || reply.statusCode === 206 || reply.statusCode === 304) return false
  if (reply.hasHeader('content-encoding') || reply.hasHeader('content-range')) return false
  if (!compressible.test(String(reply.getHeader('content-type') ?? ''))) return false
  reply.header('vary', mergedVary(reply.getHeader('vary')))
  return accepts(String(request.headers['accept-encoding'] ?? ''), 'gzip')
}

function markCompressed(reply: FastifyReply): void {
  reply.removeHeader('content-length')
  reply.header('content-encoding', 'gzip')
  // The bytes differ from what the tag was made of, the meaning does not: that is a weak tag.
  const tag = reply.getHeader('etag')
  if (typeof tag === 'string' && !tag.startsWith('W/')) reply.header('etag', `W/${tag}`)
}

function mergedVary(present: unknown): string {
  const names = String(present ?? '')
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '')
  return names.some(name => name.toLowerCase() === 'accept-encoding')
    ? names.join(', ')
    : [...names, 'Accept-Encoding'].join(', ')
}

function accepts(header: string, encoding: string): boolean {
  return header.split(',').some(part => {
    const [name = '', ...rest] = part.split(';').map(side => side.trim().toLowerCase())
    return (name === encoding || name === '*') && !rest.some(option => /^q=0(?:\.0*)?$/.test(option))
  })
}
