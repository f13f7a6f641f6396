import cors from '@fastify/cors'
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { Logger } from 'pino'
import type { Access } from '../access/access.ts'
import type { Authenticator } from '../access/authenticate.ts'
import type { Limits } from '../access/limits.ts'
import { isAdmin, type Principal } from '../access/principal.ts'
import { redactUrl } from '../access/token-of-request.ts'
import { addCompression, type CompressionParts } from './compress-answers.ts'
import { createMethodsAt } from './methods-at.ts'
import { HttpProblem, problemOfError, sendProblem } from './problem.ts'
import { addSecurityHeaders } from './security-headers.ts'
import { addUnreadAnswers, type UnreadAnswers } from './unread-answers.ts'
import { jsonOfUtf8 } from './utf8.ts'

/**
 * The HTTP app that every route is added to: who asks, what browsers may do, how errors look, what is logged. It
 * listens nowhere by itself; the server hands it the requests that are its own.
 */
export interface HttpAppParts {
  logger: Logger
  access: Pick<Access, 'authenticator' | 'corsOrigins' | 'addresses'>
  limits: Pick<Limits, 'messageBytes'>
  compressAboveBytes: number
  metrics: Pick<CompressionParts, 'compressed'>
  unread: UnreadAnswers
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; answers 401 with the reason when nobody may be recognised. Asked once a request. */
    authenticate(): Promise<Principal>
    /** As above, and 403 for everybody but operators. */
    authenticateAdmin(): Promise<Principal>
  }
  interface FastifyInstance {
    /** What an address takes, where it takes anything. */
    methodsAt(path: string): readonly string[]
  }
}

const authentications = new WeakMap<object, Promise<Principal>>()

export function createHttpApp(parts: HttpAppParts): FastifyInstance {
  const { logger, limits, compressAboveBytes, metrics, unread } = parts
  const { authenticator, corsOrigins, addresses } = parts.access
  const baseLogger: FastifyBaseLogger = logger
  const app = fastify({
    loggerInstance: baseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.messageBytes,
    trustProxy: address => addresses.isTrusted(address),
    requestIdHeader: 'x-request-id',
    genReqId: () => crypto.randomUUID(),
    // Ids may hold percent-escapes and reach 200 characters three times over.
    routerOptions: { maxParamLength: 1_000 },
    // Addresses that reach no route at all, being too long or wrongly escaped.
    frameworkErrors: (error, _request, reply) => {
      void sendProblem(reply, problemOfError(error) ?? new HttpProblem('BAD_REQUEST', error.message))
    },
    exposeHeadRoutes: true,
  })

  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, jsonOfUtf8(app))
  app.decorate('methodsAt', createMethodsAt(app))
  app.decorateRequest('authenticate', function () {
    const known = authentications.get(this)
    if (known !== undefined) return known
    const asked = authenticateOrThrow(authenticator, this.raw)
    authentications.set(this, asked)
    return asked
  })
  app.decorateRequest('authenticateAdmin', async function () {
    const principal = await this.authenticate()
    if (!isAdmin(principal))
      throw new HttpProblem('FORBIDDEN', 'This is for operators: a token with the role admin.')
    return principal
  })

  addRequestLog(app)
  addSecurityHeaders(app, {
    hasForeignOrigins: corsOrigins.length > 0,
    isHttps: request => 'protocol' in request && request.protocol === 'https',
  })
  addUnreadAnswers(app, unread)
  addCompression(app, { aboveBytes: compressAboveBytes, compressed: metrics.compressed })
  if (corsOrigins.length > 0) {
    app.register(cors, {
      origin: corsOrigins.includes('*') ? '*' : [...corsOrigins],
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      exposedHeaders: ['ETag', 'Retry-After', 'X-Request-Id', 'Location', 'Upload-Offset', 'Content-Range'],
      maxAge: 600,
    })
  }
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOfError(error)
    if (problem !== null) return sendProblem(reply, problem)
    request.log.error({ err: error, method: request.method, url: redactUrl(request.url) }, 'a request failed')
    return sendProblem(reply, new HttpProblem('INTERNAL', undefined, [], { requestId: request.id }))
  })
  return app
}

async function authenticateOrThrow(
  authenticator: Pick<Authenticator, 'request'>,
  request: Parameters<Authenticator['request']>[0],
): Promise<Principal> {
  const authentication = await authenticator.request(request)
  if (!authentication.ok) throw new HttpProblem(authentication.code, authentication.reason)
  return authentication.principal
}

/** One line a request, after it; addresses without what may be a token in them. */
function addRequestLog(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  app.addHook('onResponse', async (request, reply) => {
    const line = {
      method: request.method,
      url: redactUrl(request.url),
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
    }
    request.log.debug(line, 'request')
  })
}
