import type { ErrorCode } from '../../shared/wire/error-codes.ts'
import type { JsonObject } from '../../shared/wire/shape.ts'
import type { Principal } from '../access/principal.ts'
import type { SharedMessage } from './shared-message.ts'

/**
 * What else is spoken on the control channel of a link: lists, inbox, events. A handler is registered by the names
 * of its messages (`t`), and parses what is in them.
 */
export interface ControlHandler {
  readonly names: readonly string[]
  /** `body` is the whole message, `t` included. Throwing a ShapeError answers with BAD_REQUEST. */
  receive(link: Link, name: string, body: JsonObject): void
  /** The link is gone. */
  closed?(link: Link): void
  /** The token was renewed: `link.principal` is the new one. */
  principalChanged?(link: Link): void
  /** What the self-check compares: an id that both sides know, and the version of all that was sent for it. */
  versions?(link: Link): Iterable<readonly [id: number, version: number]>
}

/** One link, as handlers see it. */
export interface Link {
  readonly principal: Principal
  /** A message that is never dropped. */
  send(message: JsonObject & { readonly t: string }): void
  sendError(about: string, code: ErrorCode, sentence?: string): void
  /** A stream of messages that may be dropped while the reader does not read, and made anew when it does. */
  feed(feed: LinkFeed): LinkFeedWriter
}

export interface LinkFeed {
  /** Messages of this feed were dropped, and the reader reads again: send the whole anew. */
  drained(): void
}

export interface LinkFeedWriter {
  /** Made by `controlMessage`; may be shared with other links. */
  send(message: SharedMessage): void
  /** The feed has ended: what waits of it is dropped. */
  close(): void
}
