import * as string from 'lib0/string'
import {
  flag,
  type JsonObject,
  listOf,
  natural,
  nullable,
  object,
  type Parsed,
  pairOf,
  type Shape,
  ShapeError,
  text,
} from './shape.ts'
import { isObject } from '../is-object.ts'

/**
 * The control messages of a link, JSON text on channel 0, each an object with its name in `t`.
 *
 *     client                                     server
 *     hello (version, token)              →
 *                                         ←      welcome (who you are, server time, limits, heartbeat)
 *     open (channels)                     →
 *     channel messages at once            →      held back until the channel is open
 *                                         ←      opened (epoch, commit, rights), before any message on the channel
 *                                         ←      or closed (code, sentence), also at any time later
 *     close (channels)                    →
 *     token (a new one)                   →
 *                                         ←      renewed, or error about `token`: the old one counts on
 *     ping (n), every heartbeat           →
 *                                         ←      pong (n, server time, digest)
 *     check, where the digest differs     →
 *                                         ←      commits (what stands where, at this place of the stream)
 *
 * Names that are not in these tables belong to the handlers registered by name (lists, inbox, events), which parse
 * their messages themselves; a name that nobody knows is answered by an error about it and ignored by clients, so
 * that either side may be the newer one. LINK_VERSION changes when an old side would misread a message.
 */
export const LINK_VERSION = 1

const roomName = text(1_000)
const code = text(100)
const sentence = text(2_000)
const token = text(16_384)
const CHANNELS_MAX = 100_000

const user = object({ id: text(1_000), name: text(1_000), roles: listOf(text(1_000), 1_000) })

const clientShapes = {
  /** `token` null: it came with the request, or anonymous people are let in. `client` is for the server's log. */
  hello: object({ version: natural, token: nullable(token) }, { client: text(200) }),
  /**
   * `clientId` and `epoch`: what the client had before and would like to keep. `again`: where a record of this name
   * was purged, another is begun under it; without it that channel is closed with PURGED.
   */
  open: object({
    channels: listOf(
      object({ channel: natural, room: roomName }, { clientId: natural, epoch: text(100), again: flag }),
      CHANNELS_MAX,
    ),
  }),
  close: object({ channels: listOf(natural, CHANNELS_MAX) }),
  token: object({ token }),
  ping: object({ n: natural }),
  check: object({}),
} satisfies Record<string, Shape<object>>

const serverShapes = {
  welcome: object({
    version: natural,
    session: text(100),
    user,
    /** Milliseconds, server time; null: the token does not expire. */
    expiresAt: nullable(natural),
    time: natural,
    heartbeatMs: natural,
    limits: object({ channels: nullable(natural), messageBytes: natural, presenceBytes: natural }),
  }),
  /**
   * `clientId`: reserved for this channel. `held`: where the client asked with an earlier epoch, the clock up to
   * which the server held each of the user's client ids in it; what lies beyond is unsent.
   */
  opened: object({
    channels: listOf(
      object({
        channel: natural,
        epoch: text(100),
        commit: natural,
        readOnly: flag,
        clientId: nullable(natural),
        held: nullable(listOf(pairOf(natural, natural), CHANNELS_MAX)),
      }),
      CHANNELS_MAX,
    ),
  }),
  closed: object({ channels: listOf(object({ channel: natural, code, sentence }), CHANNELS_MAX) }),
  renewed: object({ user, expiresAt: nullable(natural) }),
  /** `about`: the name of the message that could not be carried out. */
  error: object({ about: text(100), code, sentence }),
  pong: object({ n: natural, time: natural, digest: object({ records: natural, lists: natural }) }),
  commits: object({
    channels: listOf(pairOf(natural, natural), CHANNELS_MAX),
    lists: listOf(pairOf(natural, natural), CHANNELS_MAX),
  }),
} satisfies Record<string, Shape<object>>

/** What the fingerprint test pins to LINK_VERSION. */
export const LINK_LAYOUTS: JsonObject = {
  client: Object.fromEntries(Object.entries(clientShapes).map(([name, shape]) => [name, shape.layout])),
  server: Object.fromEntries(Object.entries(serverShapes).map(([name, shape]) => [name, shape.layout])),
}

type MessageOf<Shapes> = {
  readonly [Name in keyof Shapes]: { readonly t: Name } & Parsed<Shapes[Name]>
}[keyof Shapes]

export type ClientControl = MessageOf<typeof clientShapes>
export type ServerControl = MessageOf<typeof serverShapes>

/** A message of a name that is not in the tables: for the handler of this name, if there is one. */
export interface OtherControl {
  readonly t: 'other'
  readonly name: string
  readonly body: JsonObject
}

export interface MalformedControl {
  readonly t: 'malformed'
  readonly problem: string
}

export type LinkUser = Parsed<typeof user>
export type OpenAsk = Parsed<typeof clientShapes.open>['channels'][number]
export type Opened = Parsed<typeof serverShapes.opened>['channels'][number]
export type Closed = Parsed<typeof serverShapes.closed>['channels'][number]

export const writeControl = (
  message: ClientControl | ServerControl | (JsonObject & { readonly t: string }),
): Uint8Array => string.encodeUtf8(JSON.stringify(message))

export const parseClientControl = (payload: Uint8Array): ClientControl | OtherControl | MalformedControl =>
  parseControl<ClientControl>(payload, clientShapes)

export const parseServerControl = (payload: Uint8Array): ServerControl | OtherControl | MalformedControl =>
  parseControl<ServerControl>(payload, serverShapes)

const parseControl = <Message>(
  payload: Uint8Array,
  shapes: Readonly<Record<string, Shape<object>>>,
): Message | OtherControl | MalformedControl => {
  try {
    const message: unknown = JSON.parse(string.decodeUtf8(payload))
    if (!isObject(message) || typeof message.t !== 'string')
      return malformed('the message must have a name in t')
    const { t: name } = message
    const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined
    // JSON.parse gives JSON, which its type does not say.
    if (shape === undefined) return { t: 'other', name, body: message as JsonObject }
    // The shape of this name was parsed, which the type of the table cannot say.
    return { t: name, ...shape.parse(message, '') } as Message
  } catch (error) {
    return malformed(error instanceof ShapeError ? error.message : 'the message must be JSON')
  }
}

const malformed = (problem: string): MalformedControl => ({ t: 'malformed', problem })
