import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { RecordType } from '../../shared/record/record-type.ts'
import type { BlobRule } from '../../shared/record/field.ts'
import type { Principal } from '../access/principal.ts'
import { knownFirst } from '../http/known-first.ts'
import { HttpProblem } from '../http/problem.ts'
import { paramOf } from '../http/request-address.ts'
import { refuseUnwritable } from '../http/writable.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import { type BlobAccessParts, type GrantedBlob, grantBlob, proveOwn } from './blob-access.ts'
import type { BlobFiles } from './blob-files.ts'
import { blobRuleAt } from './blob-paths.ts'
import type { BlobNote } from './blob-register.ts'
import { parseRange } from './byte-range.ts'
import { type Thumbnails, thumbnailSizes, thumbnailType } from './thumbnails.ts'
import type { Announced, Uploads, UploadState } from './uploads.ts'

/**
 * `/api/blobs`: files beside the records, named by the SHA-256 of their bytes.
 *
 *     POST  /api/blobs {hash, bytes, type, record?, path?}   → {offset, state}: stored, or where to begin
 *     PATCH /api/blobs/:hash/upload  Upload-Offset: 0        → the same; as often as the line breaks
 *     GET   /api/blobs/:hash/upload                          → the same
 *     PUT   /api/blobs/:hash                                 → all of it at once
 *     GET   /api/blobs/:hash, Range                          → who may read a record that refers to it
 *     GET   /api/blobs/:hash/thumbnail?size=320
 */
export interface BlobRoutesParts extends BlobAccessParts {
  readonly committer: Pick<GroupCommit, 'readOnly'>
  readonly files: BlobFiles
  readonly uploads: Uploads
  readonly thumbnails: Thumbnails
}

const CHUNK = 'application/offset+octet-stream'
const HASH = /^[0-9a-f]{64}$/
const TYPE = /^[\w.+-]{1,100}\/[\w.+-]{1,100}$/

export function addBlobRoutes(app: FastifyInstance, parts: BlobRoutesParts): void {
  app.register(
    async blobs => {
      blobs.addHook('onRequest', knownFirst)
      blobs.addHook('onRequest', refuseUnwritable(parts.committer))
      registerUploads(blobs, parts)
      registerDownloads(blobs, parts)
    },
    { prefix: '/api/blobs' },
  )
}

function registerUploads(blobs: FastifyInstance, { uploads, types }: BlobRoutesParts): void {
  const asItComes = { bodyLimit: Number.MAX_SAFE_INTEGER }

  blobs.post('/', async (request, reply) => {
    const principal = await request.authenticate()
    const state = await uploads.announce(principal, announcedIn(types, request.body))
    return sendState(reply.code(state.state === 'stored' ? 200 : 201), state)
  })

  blobs.get('/:hash/upload', async (request, reply) => {
    const { id } = await request.authenticate()
    const state = await uploads.state(id, hashOf(request))
    if (state === null) throw new HttpProblem('NO_SUCH_BLOB', 'No such upload of yours is known.')
    return sendState(reply, state)
  })

  blobs.delete('/:hash/upload', async (request, reply) => {
    const { id } = await request.authenticate()
    await uploads.giveUp(id, hashOf(request))
    return reply.code(204).send()
  })

  // Bytes are taken as they come, whatever they are called; here nothing else is.
  blobs.register(async bytes => {
    bytes.removeAllContentTypeParsers()
    bytes.addContentTypeParser('*', (_request, payload, done) => done(null, payload))

    bytes.patch('/:hash/upload', asItComes, async (request, reply) => {
      const { id } = await request.authenticate()
      if (request.headers['content-type'] !== CHUNK)
        throw new HttpProblem('BAD_CONTENT_TYPE', `Send it as ${CHUNK}.`)
      const offset = Number(request.headers['upload-offset'])
      if (!Number.isSafeInteger(offset) || offset < 0)
        throw new HttpProblem('BAD_REQUEST', 'Upload-Offset says where the bytes go.', ['Upload-Offset'])
      return sendState(
        reply,
        await taking(request, reply, body => uploads.take(id, hashOf(request), offset, body)),
      )
    })

    bytes.put('/:hash', asItComes, async (request, reply) => {
      const principal = await request.authenticate()
      const { id } = principal
      const hash = hashOf(request)
      const type = typeIn(request.headers['content-type']?.split(';')[0])
      const length = Number(request.headers['content-length'] ?? Number.NaN)
      if (!Number.isSafeInteger(length))
        throw new HttpProblem('BAD_REQUEST', 'Content-Length says how much it is.')
      const state = await uploads.announce(principal, { hash, bytes: length, type, rule: null })
      if (state.state === 'stored') return sendState(reply, state)
      const stored = await taking(request, reply, async body => {
        if (state.offset > 0) await uploads.giveUp(id, hash)
        if (state.offset > 0) await uploads.announce(principal, { hash, bytes: length, type, rule: null })
        return uploads.take(id, hash, 0, body)
      })
      return sendState(reply.code(201), stored)
    })
  })
}

/** A line that broke is nobody's failure: what arrived is kept, and there is nobody to answer. */
async function taking(
  request: FastifyRequest,
  reply: FastifyReply,
  take: (body: Readable) => Promise<UploadState>,
): Promise<UploadState> {
  const body = request.body instanceof Readable ? request.body : Readable.from([])
  try {
    return await take(body)
  } catch (error) {
    if (!body.readableEnded) reply.header('connection', 'close')
    // What cannot be written ends the body, too.
    if (isOfDisk(error)) {
      request.log.error({ err: error }, 'a file cannot be written')
      throw new HttpProblem('STORE_UNWRITABLE')
    }
    const isOurs = error instanceof HttpProblem
    if (!isOurs && (request.raw.aborted || body.destroyed))
      throw new HttpProblem('BAD_REQUEST', 'The connection broke: go on where the upload stands.')
    throw error
  }
}

const DISK_CODES: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EACCES', 'EMFILE', 'ENFILE']

function isOfDisk(error: unknown): boolean {
  return error instanceof Error && 'code' in error && DISK_CODES.includes(error.code)
}

function sendState(reply: FastifyReply, state: UploadState): FastifyReply {
  return reply
    .headers({
      'upload-offset': String(state.offset),
      'upload-length': String(state.bytes),
      location: `/api/blobs/${state.hash}`,
      'cache-control': 'no-store',
    })
    .send(state)
}

function announcedIn(types: ReadonlyMap<string, RecordType>, body: unknown): Announced {
  if (typeof body !== 'object' || body === null)
    throw new HttpProblem('BAD_REQUEST', 'Send {hash, bytes, type}.')
  const { hash, bytes, type, record, path } = { ...body } as Record<string, unknown>
  assertHash(hash)
  if (typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 0)
    throw new HttpProblem('BAD_REQUEST', 'bytes is the size of the file.', ['bytes'])
  return { hash, bytes, type: typeIn(type), rule: ruleFor(types, record, path) }
}

function ruleFor(types: ReadonlyMap<string, RecordType>, record: unknown, path: unknown): BlobRule | null {
  if (record === undefined && path === undefined) return null
  const type = typeof record === 'string' ? types.get(record.split(':')[0] ?? '') : undefined
  const rule = type === undefined || typeof path !== 'string' ? null : blobRuleAt(type, path)
  if (rule === null)
    throw new HttpProblem('BAD_REQUEST', 'record and path name the field that is to refer to the file.', [
      'path',
    ])
  return rule
}

function typeIn(given: unknown): string {
  if (typeof given !== 'string' || !TYPE.test(given.trim()))
    throw new HttpProblem('BAD_REQUEST', 'type is a media type, as image/jpeg.', ['type'])
  return given.trim().toLowerCase()
}

function hashOf(request: FastifyRequest): string {
  const hash = paramOf(request, 'hash')
  assertHash(hash)
  return hash
}

function assertHash(hash: unknown): asserts hash is string {
  if (typeof hash !== 'string' || !HASH.test(hash))
    throw new HttpProblem('BAD_REQUEST', 'hash is the SHA-256 of the file, as 64 small hex digits.', ['hash'])
}

function registerDownloads(blobs: FastifyInstance, parts: BlobRoutesParts): void {
  const { files, thumbnails } = parts

  blobs.route({
    method: ['GET', 'HEAD'],
    url: '/:hash',
    handler: async (request, reply) => {
      const hash = hashOf(request)
      const { note, granted } = await granting(parts, request, hash)
      reply.headers(headersFor(hash, granted))
      return sendFile(request, reply, note.bytes, hash, range => files.read(hash, range))
    },
  })

  blobs.get('/:hash/thumbnail', async (request, reply) => {
    const hash = hashOf(request)
    const size = Number(
      new URL(request.url, 'http://localhost').searchParams.get('size') ?? thumbnailSizes[1],
    )
    if (!thumbnailSizes.some(each => each === size))
      throw new HttpProblem('BAD_REQUEST', `size is one of ${thumbnailSizes.join(', ')}.`, ['size'])
    const { granted } = await granting(parts, request, hash)
    if (!granted.type.startsWith('image/')) throw new HttpProblem('BLOB_TYPE', 'This file is no picture.')
    const etag = `"${hash}-${size}"`
    reply.headers({ etag, 'cache-control': CACHED })
    if (request.headers['if-none-match']?.includes(etag) === true) return reply.code(304).send()
    const path = await thumbnails.of(hash, size)
    reply.headers({ 'content-type': thumbnailType, 'content-length': String((await stat(path)).size) })
    return reply.send(createReadStream(path))
  })
}

/** Its bytes never change; whether it may be read does, so it is kept by no one but the reader, and not for long. */
const CACHED = 'private, max-age=3600'

async function granting(
  parts: BlobRoutesParts,
  request: FastifyRequest,
  hash: string,
): Promise<{ note: BlobNote; granted: GrantedBlob }> {
  const principal = await request.authenticate()
  const note = await parts.register.note(hash)
  // Whether there is such a file is nobody's business who may not read it.
  const granted = note === null ? null : await grantedAfterProof(parts, principal, hash, note)
  if (note === null || granted === null || (await parts.files.size(hash)) !== note.bytes)
    throw new HttpProblem('NO_SUCH_BLOB')
  return { note, granted }
}

async function grantedAfterProof(
  parts: BlobRoutesParts,
  principal: Principal,
  hash: string,
  note: BlobNote,
): Promise<GrantedBlob | null> {
  // On a disk that takes nothing they may read it all the same.
  await proveOwn(parts, principal, hash, note).catch(() => {})
  return grantBlob(parts, principal, hash, note)
}

/** What a browser may show in its place; the rest is saved, since a page of ours could be made of it. */
const SHOWN = /^(?:image\/(?!svg)|audio\/|video\/|application\/pdf$|text\/plain$)/

/**
 * By its address a page of this origin could load it, with a token of whoever sent it in there: the app's own policy
 * takes code from here.
 */
const LOADED = /(?:java|ecma|j|live)script|css/i

/** What a header can say. */
const PRINTABLE = /^[ -~]+$/

function headersFor(hash: string, { type, name }: GrantedBlob): Record<string, string> {
  const disposition = SHOWN.test(type) ? 'inline' : 'attachment'
  const shownName = name === '' ? '' : `; filename*=UTF-8''${encodeName(name)}`
  return {
    'content-type': saidType(type),
    'content-disposition': `${disposition}${shownName}`,
    'accept-ranges': 'bytes',
    etag: `"${hash}"`,
    'cache-control': CACHED,
    'x-content-type-options': 'nosniff',
    ...(type === 'application/pdf' ? {} : { 'content-security-policy': "default-src 'none'; sandbox" }),
  }
}

function saidType(type: string): string {
  if (type === 'text/plain') return 'text/plain; charset=utf-8'
  if (LOADED.test(type) || !PRINTABLE.test(type)) return 'application/octet-stream'
  // A browser takes the last of several that commas part: one alone is told, without what could hold a comma.
  return type.includes(',') ? (type.split(/[;,]/, 1)[0] ?? '').trimEnd() : type
}

/** RFC 8187; half a surrogate pair would not encode. */
function encodeName(name: string): string {
  return encodeURIComponent(name.replace(/[\uD800-\uDFFF]/gu, '\uFFFD')).replace(/['()*]/g, escapeChar)
}

function escapeChar(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase()}`
}

function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  bytes: number,
  hash: string,
  read: (range?: { start: number; end: number }) => Readable,
): FastifyReply {
  if (request.headers['if-none-match']?.includes(`"${hash}"`) === true) return reply.code(304).send()
  const ifRange = request.headers['if-range']
  const isSame = ifRange === undefined || ifRange === `"${hash}"`
  const range = parseRange(isSame ? request.headers.range : undefined, bytes)
  if (range.kind === 'outside') {
    reply.header('content-range', `bytes */${bytes}`)
    throw new HttpProblem('BAD_RANGE')
  }
  const part = range.kind === 'part' ? { start: range.start, end: range.end } : undefined
  if (part !== undefined) reply.code(206).header('content-range', `bytes ${part.start}-${part.end}/${bytes}`)
  reply.header('content-length', String(part === undefined ? bytes : part.end - part.start + 1))
  return request.method === 'HEAD' ? reply.send() : reply.send(read(part))
}
