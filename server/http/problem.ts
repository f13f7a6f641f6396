import type { FastifyError, FastifyReply } from 'fastify'
import { RecordError } from '../../shared/record/record-error.ts'
import { errorCodes, type ErrorCode } from '../../shared/wire/error-codes.ts'
import { OperationFailure } from '../operate/operation-failure.ts'
import { RoomRefusal } from '../room/peer.ts'
import { isStoreError } from '../store/store-error.ts'

/**
 * An answer that says no, as `application/problem+json` (RFC 9457): a stable code of the one table, a sentence
 * that says what to do, and the paths concerned.
 */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem'
  readonly code: ErrorCode
  readonly paths: readonly string[]
  readonly extra: Readonly<Record<string, unknown>>

  constructor(
    code: ErrorCode,
    sentence?: string,
    paths: readonly string[] = [],
    extra: Readonly<Record<string, unknown>> = {},
  ) {
    super(sentence ?? errorCodes[code].sentence)
    this.code = code
    this.paths = paths
    this.extra = extra
  }
}

export interface ProblemBody {
  /** The code as a URI, as the RFC wants it. */
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: ErrorCode
  readonly paths: readonly string[]
  readonly retry: boolean
  readonly [extra: string]: unknown
}

export function problemBody(problem: HttpProblem): ProblemBody {
  const { http, retry, sentence } = errorCodes[problem.code]
  return {
    ...problem.extra,
    type: `urn:corecord:error:${problem.code}`,
    title: sentence,
    status: http,
    detail: problem.message,
    code: problem.code,
    paths: problem.paths,
    retry,
  }
}

export function sendProblem(reply: FastifyReply, problem: HttpProblem): FastifyReply {
  const body = problemBody(problem)
  if ((body.status === 429 || body.status === 503) && !reply.hasHeader('retry-after'))
    reply.header('retry-after', '1')
  // Said of a body that failed before its first byte.
  for (const header of ['content-encoding', 'content-disposition', 'etag']) reply.removeHeader(header)
  if (body.status === 401) reply.header('www-authenticate', 'Bearer realm="corecord"')
  // Stringified here: a route's response schema is for its successes and would drop what it does not name.
  return reply.code(body.status).type('application/problem+json; charset=utf-8').send(JSON.stringify(body))
}

/** Whatever a route threw, as a problem. Null: nobody foresaw it, so it is ours, and the log must have it. */
export function problemOfError(error: unknown): HttpProblem | null {
  if (error instanceof HttpProblem) return error
  if (error instanceof RecordError) return problemOfRecordError(error)
  if (error instanceof RoomRefusal) return new HttpProblem(error.code, error.message)
  if (error instanceof OperationFailure) return new HttpProblem('BAD_REQUEST', error.message)
  if (isStoreError(error)) return new HttpProblem(error.code, error.message)
  if (isFastifyError(error)) return problemOfFastifyError(error)
  return null
}

function problemOfRecordError(error: RecordError): HttpProblem {
  const problems = error.problems.map(({ code, path, sentence }) => ({ code, path, detail: sentence }))
  return new HttpProblem(
    error.code,
    error.message,
    error.problems.map(problem => problem.path),
    { problems },
  )
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
}

function problemOfFastifyError(error: FastifyError): HttpProblem | null {
  if (error.validation !== undefined) {
    const paths = error.validation.map(each => each.instancePath.replace(/^\//, ''))
    return new HttpProblem('BAD_REQUEST', error.message, paths)
  }
  const { statusCode = 500, code } = error
  const sentence = FASTIFY_SENTENCES[code]
  if (sentence !== undefined)
    return new HttpProblem(statusCode === 415 ? 'BAD_CONTENT_TYPE' : 'BAD_REQUEST', sentence)
  if (statusCode === 413) return new HttpProblem('TOO_LARGE')
  if (statusCode === 404) return new HttpProblem('NO_SUCH_ROUTE')
  return statusCode >= 400 && statusCode < 500 ? new HttpProblem('BAD_REQUEST', error.message) : null
}

/** What Fastify says of a request in words of its own, in words that say what to do. */
const FASTIFY_SENTENCES: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'Check the body: it is not valid JSON.',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'Send a body: with content-type application/json it may not be empty.',
  FST_ERR_CTP_INVALID_MEDIA_TYPE:
    'Check the header content-type: JSON is sent as application/json, an import as application/x-ndjson or text/csv.',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'Check the header content-length: the body is of another length.',
  FST_ERR_BAD_URL: 'Check the address: its percent-escapes are not those of UTF-8.',
}
