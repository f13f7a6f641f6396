import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { type Logger, pino } from 'pino'
import { type Authenticator, createAuthenticator } from './access/authenticate.ts'
import { type ClientAddresses, createClientAddresses } from './access/client-address.ts'
import { defaultLimits, type Limits } from './access/limits.ts'
import { createForgetfulRevocationMemory, createRevocations, type Revocations } from './access/revocations.ts'
import { createSessions, type Sessions } from './access/sessions.ts'
import { createTokenVerifier, type TokenKey } from './access/tokens.ts'
import { createDeadline } from './deadline.ts'
import { createHttpApp } from './http/app.ts'
import { addHealthRoutes } from './http/health.ts'
import { createMetrics, type Metrics } from './http/metrics.ts'
import { isEndpoint, takeRequests } from './http/own-requests.ts'
import { createReadiness, type Readiness } from './http/readiness.ts'
import { addStaticApp } from './http/static-app.ts'

/**
 * A corecord server, to be embedded: on a port of its own or on an http server that exists. `start` opens the
 * store and listens; `close` drains, and leaves nothing behind.
 */
export interface ServerOptions {
  /** One at least, or `anonymous`. */
  secret?: string
  /** PEM. */
  publicKey?: string
  jwks?: URL
  issuer?: string
  audience?: string
  rolesClaim?: string
  clockToleranceSeconds?: number
  anonymous?: boolean

  /** Listens on this one's port and takes only its own addresses; whatever else it serves goes on. */
  server?: HttpServer
  port?: number
  host?: string
  /** Folder of a built web app to serve at `/`. */
  appFolder?: string | null
  corsOrigins?: readonly string[]
  trustedProxies?: readonly string[]

  limits?: Partial<Limits>
  compressAboveBytes?: number
  metricsToken?: string
  drainMs?: number
  logger?: Logger
  version?: string
  now?: () => number
}

export interface CorecordServer {
  /** Routes can be added until `start`. */
  readonly app: FastifyInstance
  readonly url: string
  readonly metrics: Metrics
  readonly readiness: Readiness
  readonly revocations: Revocations
  readonly authenticator: Authenticator
  readonly sessions: Sessions
  readonly addresses: ClientAddresses
  readonly limits: Limits
  start(): Promise<void>
  /** Whether everything was said and written in time. May be called twice. */
  close(reason?: string): Promise<boolean>
}

export function createServer(options: ServerOptions): CorecordServer {
  const now = options.now ?? Date.now
  const logger = options.logger ?? pino({ level: 'warn' })
  const limits: Limits = { ...defaultLimits, ...options.limits }
  const corsOrigins = options.corsOrigins ?? []
  const clockToleranceSeconds = options.clockToleranceSeconds ?? 30
  const metrics = createMetrics()
  const readiness = createReadiness()
  const revocations = createRevocations(createForgetfulRevocationMemory(), now)
  const sessions = createSessions({ revocations, clockToleranceSeconds, now })
  const addresses = createClientAddresses(options.trustedProxies ?? [])
  const authenticator = createAuthenticator({
    verifier: verifierOf(options, clockToleranceSeconds, now),
    anonymous: options.anonymous ?? false,
    revocations,
  })
  const app = createHttpApp({
    logger,
    authenticator,
    corsOrigins,
    isTrustedProxy: addresses.isTrusted,
    bodyBytesMax: limits.messageBytes,
    compression: { aboveBytes: options.compressAboveBytes ?? 1024, compressed: metrics.compressed },
  })
  const httpServer = options.server ?? createHttpServer({ keepAliveTimeout: 65_000 })

  let state: 'new' | 'starting' | 'serving' | 'draining' | 'closed' = 'new'
  let giveRequestsBack: (() => void) | null = null
  let closing: Promise<boolean> | null = null

  addHealthRoutes(app, {
    readiness,
    metrics,
    metricsToken: options.metricsToken ?? null,
    version: options.version ?? '',
    isDraining: () => state === 'draining',
  })
  addStaticApp(app, options.appFolder ?? null)

  async function start(): Promise<void> {
    if (state !== 'new') throw new Error(`A server starts once; this one is ${state}.`)
    state = 'starting'
    await revocations.start()
    await app.ready()
    giveRequestsBack = takeRequests(httpServer, isEndpoint, (request, response) =>
      app.routing(request, response),
    )
    if (options.server === undefined)
      await listen(httpServer, options.port ?? 8080, options.host ?? '127.0.0.1')
    state = 'serving'
  }

  async function drain(reason: string): Promise<boolean> {
    const wasServing = state === 'serving'
    state = 'draining'
    let clean = true
    const deadline = createDeadline(options.drainMs ?? 8_000, now, (step, trouble, error) => {
      clean = false
      logger.error({ step, err: error }, `stopping: «${step}» ${trouble}`)
    })
    logger.info({ reason }, 'stopping')
    const stopped = options.server === undefined && wasServing ? stopListening(httpServer) : Promise.resolve()
    await deadline.run('close the app', () => app.close())
    httpServer.closeIdleConnections()
    if (options.server === undefined) {
      await deadline.run('finish requests', () => stopped, 0.5)
      httpServer.closeAllConnections()
    }
    giveRequestsBack?.()
    sessions.close()
    metrics.close()
    state = 'closed'
    logger.info({ clean }, 'stopped')
    return clean
  }

  return {
    app,
    metrics,
    readiness,
    revocations,
    authenticator,
    sessions,
    addresses,
    limits,
    get url() {
      return urlOf(httpServer)
    },
    start,
    close(reason = 'closed by its owner') {
      closing ??= drain(reason)
      return closing
    },
  }
}

function verifierOf(options: ServerOptions, clockToleranceSeconds: number, now: () => number) {
  const keys: TokenKey[] = []
  if (options.secret !== undefined) keys.push({ kind: 'secret', secret: options.secret })
  if (options.publicKey !== undefined) keys.push({ kind: 'publicKey', pem: options.publicKey })
  if (options.jwks !== undefined) keys.push({ kind: 'jwks', url: options.jwks })
  if (keys.length === 0) {
    if (options.anonymous === true) return null
    throw new Error(
      'Say who may come in: give secret, publicKey or jwks, or anonymous for trying things out.',
    )
  }
  return createTokenVerifier({
    keys,
    issuer: options.issuer ?? null,
    audience: options.audience ?? null,
    rolesClaim: options.rolesClaim ?? 'roles',
    clockToleranceSeconds,
    now,
  })
}

function listen(server: HttpServer, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.removeListener('error', reject)
      resolve()
    })
  })
}

function stopListening(server: HttpServer): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve())
  })
}

function urlOf(server: HttpServer): string {
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string')
    throw new Error('The server has no address yet: start it first.')
  const everywhere = address.address === '::' || address.address === '0.0.0.0'
  const host = everywhere ? 'localhost' : address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `http://${host}:${address.port}`
}
