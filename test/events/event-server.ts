import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import fastify, { type FastifyInstance } from 'fastify'
import { WebSocket } from 'ws'
import type { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { defaultLimits, type Limits } from '../../server/access/limits.ts'
import type { Session } from '../../server/access/sessions.ts'
import { addActionRoutes } from '../../server/action/action-routes.ts'
import { type Actions, createActions } from '../../server/action/actions.ts'
import { createEventPublisher, type EventPublisher } from '../../server/event/event-publisher.ts'
import { HttpProblem, problemOfError, sendProblem } from '../../server/http/problem.ts'
import { UnreadAnswers } from '../../server/http/unread-answers.ts'
import { createSockets, type Sockets } from '../../server/link/sockets.ts'
import type { Rooms } from '../../server/room/rooms.ts'
import { UserWriter } from '../../server/room/user-write.ts'
import type { Publisher } from '../../server/room/turn.ts'
import type { GroupCommit } from '../../server/store/group-commit.ts'
import { MemoryStore } from '../store/memory-store.ts'
import type { Store } from '../../server/store/store.ts'
import { demoRecords, type OpenRecord, openRecord, type RecordType } from '../../shared/index.ts'
import type {} from '../../server/http/app.ts'
import { RoomGround } from '../room/room-ground.ts'
import { fakeAuthenticator, until } from '../wire/wire-server.ts'
import { endProvider, stockProvider } from '../wire/stock-provider.ts'

export interface EventServerOptions {
  readonly store?: Store
  readonly types?: readonly RecordType[]
  readonly textPauseMs?: number
  readonly heartbeatMs?: number
  readonly port?: number
  readonly webhookAttempts?: number
  readonly webhookBackoffMs?: number
  readonly webhookProbeMs?: number
  readonly limits?: Partial<Limits>
}

interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

/** Records, events and actions on real sockets. A token is `id:name:role+role`. */
export class EventServer {
  readonly store: Store
  readonly types: ReadonlyMap<string, RecordType>
  readonly errors: unknown[] = []
  readonly said: string[] = []
  /** Of streams: each can be ended as a token is. */
  readonly sessions = new Set<Session>()
  readonly #options: EventServerOptions
  readonly #providers: WebsocketProvider[] = []
  committer!: GroupCommit
  rooms!: Rooms
  events!: EventPublisher
  actions!: Actions
  writer!: UserWriter
  app!: FastifyInstance
  #http!: Server
  #sockets!: Sockets

  constructor(options: EventServerOptions = {}) {
    this.#options = options
    this.store = options.store ?? new MemoryStore()
    this.types = new Map((options.types ?? demoRecords).map(type => [type.name, type]))
  }

  async start(): Promise<this> {
    const ground = await RoomGround.open(this.store)
    this.committer = ground.committer
    const { store, types } = this
    const say = (_fields: object, message: string): void => void this.said.push(message)
    const logger = { info: say, warn: say, error: (fields: object) => void this.errors.push(fields) }
    const limits = { ...defaultLimits, ...this.#options.limits }
    const { textPauseMs, heartbeatMs = 20_000 } = this.#options
    this.events = createEventPublisher({
      store,
      types,
      rooms: () => this.rooms,
      now: Date.now,
      logger,
      ...(textPauseMs === undefined ? {} : { textPauseMs }),
      heartbeatMs,
      sessions: {
        add: session => {
          this.sessions.add(session)
          return { renewed() {}, remove: () => this.sessions.delete(session) }
        },
      },
      untold: new Set(),
      eventsKeptMs: null,
      isClockSteady: () => true,
      purged() {},
      purging: async () => [],
      metrics: { delivered() {}, deliveryFailed() {} },
      committer: this.committer,
      writer: () => this.writer,
      webhookProbeMs: this.#options.webhookProbeMs ?? 30_000,
      webhookBackoffMs: attempts =>
        attempts > (this.#options.webhookAttempts ?? 3) ? null : (this.#options.webhookBackoffMs ?? 5),
    })
    this.writer = new UserWriter({
      rooms: () => this.rooms,
      types,
      nodeId: () => ground.nodeId,
      now: Date.now,
    })
    const { committer, writer } = this
    this.actions = createActions({
      store,
      committer,
      rooms: () => this.rooms,
      types,
      writer,
      now: Date.now,
      limits,
      logger,
    })
    const publisher: Publisher = {
      compose: turn => {
        const isListed = !turn.after.removed
        const { events, values } = this.events.compose(turn)
        return {
          row: isListed ? { id: turn.id, json: JSON.stringify(turn.row) } : null,
          events,
          values: [...values, ...this.actions.compose(turn).values],
        }
      },
      committed: turn => {
        this.events.committed(turn)
        this.actions.committed(turn)
      },
    }
    this.rooms = ground.rooms({ types, limits, publisher, logger })
    await this.events.open()
    await this.events.start()
    await this.actions.start()
    this.app = createApp(this.errors)
    this.events.addRoutes(this.app, request => request.authenticateAdmin())
    addActionRoutes(this.app, this.actions)
    await this.app.ready()
    this.#http = createServer((request, response) => this.app.routing(request, response))
    this.#sockets = createSockets({
      server: this.#http,
      endpoints: [...ground.endpoints(this.rooms, { limits, logger }), this.events.endpoint],
      authenticator: fakeAuthenticator,
      limits,
      counters: ground.counters,
      unread: new UnreadAnswers({ bytesMax: Number.POSITIVE_INFINITY, onCut() {} }),
      logger,
    })
    this.#sockets.start()
    await new Promise<void>(resolve => this.#http.listen(this.#options.port ?? 0, '127.0.0.1', resolve))
    return this
  }

  get address(): string {
    // An address of a listening TCP server is never a string.
    return `127.0.0.1:${(this.#http.address() as AddressInfo).port}`
  }

  async open<T extends RecordType>(
    type: T,
    id: string,
    token: string,
  ): Promise<{ record: OpenRecord<T>; provider: WebsocketProvider; doc: Y.Doc }> {
    const doc = new Y.Doc()
    const provider = stockProvider(`ws://${this.address}`, `${type.name}:${id}`, token, doc)
    this.#providers.push(provider)
    await until(() => provider.synced, `${type.name}:${id} synced`)
    return { record: openRecord(type, doc, { author: token.split(':')[0] ?? token }), provider, doc }
  }

  async get(path: string, token: string): Promise<Answer> {
    return this.#request('GET', path, token)
  }

  async post(path: string, token: string, body: unknown = {}): Promise<Answer> {
    return this.#request('POST', path, token, body)
  }

  async #request(method: string, path: string, token: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`http://${this.address}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }

  /** Everything a socket of `/ws/updates` is sent, as it comes. */
  async updates(query: string, token: string): Promise<{ texts: string[]; socket: WebSocket }> {
    const socket = new WebSocket(`ws://${this.address}/ws/updates?${query}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    const texts: string[] = []
    socket.on('message', data => texts.push(String(data)))
    await new Promise((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    return { texts, socket }
  }

  /** Everything a server-sent event stream brings, as it comes. */
  async stream(query: string, token: string, headers: Record<string, string> = {}): Promise<EventStream> {
    const ended = new AbortController()
    const response = await fetch(`http://${this.address}/api/events?${query}`, {
      headers: { accept: 'text/event-stream', authorization: `Bearer ${token}`, ...headers },
      signal: ended.signal,
    })
    return new EventStream(response, () => ended.abort())
  }

  async settled(): Promise<void> {
    await new Promise(resolve => setImmediate(resolve))
    await this.committer.flush()
  }

  async close(): Promise<void> {
    for (const provider of this.#providers.splice(0)) endProvider(provider)
    await this.#sockets.close(500)
    await this.app.close()
    this.#http.closeAllConnections()
    await new Promise(resolve => this.#http.close(resolve))
    await this.events.close()
    await this.actions.close()
    await this.committer.close(500)
    this.rooms.close()
    await this.store.close()
  }
}

export class EventStream {
  readonly status: number
  readonly events: Record<string, unknown>[] = []
  readonly comments: string[] = []
  readonly names: string[] = []
  lastId = ''
  readonly #abort: () => void
  isEnded = false

  constructor(response: Response, abort: () => void) {
    this.status = response.status
    this.#abort = abort
    void this.#read(response)
  }

  close(): void {
    this.#abort()
  }

  async #read(response: Response): Promise<void> {
    let text = ''
    const decoder = new TextDecoder()
    try {
      for await (const chunk of response.body ?? []) {
        text += decoder.decode(chunk, { stream: true })
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          this.#frame(text.slice(0, end))
          text = text.slice(end + 2)
        }
      }
    } catch {
      // It was ended by one of the two sides.
    }
    this.isEnded = true
  }

  #frame(frame: string): void {
    for (const line of frame.split('\n')) {
      if (line.startsWith(':')) this.comments.push(line)
      else if (line.startsWith('id: ')) this.lastId = line.slice(4)
      else if (line.startsWith('event: ')) this.names.push(line.slice(7))
      else if (line.startsWith('data: ')) this.events.push(JSON.parse(line.slice(6)))
    }
  }
}

/** What routes need of the server's app: who asks, and problems as answers. */
const createApp = (errors: unknown[]): FastifyInstance => {
  const app = fastify()
  app.decorateRequest('authenticate', async function () {
    const authentication = await fakeAuthenticator.request(this.raw)
    if (!authentication.ok) throw new HttpProblem(authentication.code, authentication.reason)
    return authentication.principal
  })
  app.decorateRequest('authenticateAdmin', async function () {
    const principal = await this.authenticate()
    if (!principal.roles.includes('admin')) throw new HttpProblem('FORBIDDEN')
    return principal
  })
  app.setErrorHandler((error, _request, reply) => {
    const problem = problemOfError(error)
    if (problem === null) errors.push(error)
    return sendProblem(reply, problem ?? new HttpProblem('INTERNAL'))
  })
  return app
}
