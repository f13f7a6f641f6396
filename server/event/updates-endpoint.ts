import { tvDelta } from '../../shared/types/warehouse.ts'
import { queryOf } from '../http/request-address.ts'
import type { Connection, ConnectionHandler } from '../link/connection.ts'
import type { Source } from '../link/outbox.ts'
import { type SharedMessage, textMessage } from '../link/shared-message.ts'
import type { Endpoint } from '../link/sockets.ts'
import type { RecordEvent } from './event.ts'
import { EventFeed, type FeedParts } from './event-feed.ts'
import { parseEventWish } from './event-query.ts'
import { legacyWords, messagesOfEvent } from './words.ts'

/**
 * `/ws/updates`: JSON messages for clients that know no CRDT, in the words of each system. Every message carries a
 * `cursor`, and `?since=` resumes there; `{"type":"reset"}` says that what lay between is no longer there.
 *
 *     ?type=estimate,order   only of these record types
 *     ?event=tv_delta        only the warehouse's, each wrapped for the wall board
 *     ?format=legacy         plain strings, `<type>_updated`
 *     ?gone                  {"type","action":"gone","id"} too, of what one could read until then
 *     ?hello                 a first message {"type":"hello","cursor"}, so that nothing is missed before the first
 */
export interface UpdatesParts extends FeedParts {
  readonly failed: (error: unknown) => void
  /** Types of which a client of plain strings is told to read all again after a gap. */
  readonly typeNames: readonly string[]
}

const PATH = '/ws/updates'
const WAREHOUSE = 'trebovanje'

type Words = (event: RecordEvent, before: string) => readonly SharedMessage[]

export const createUpdatesEndpoint = (parts: UpdatesParts): Endpoint => ({
  kind: 'updates',
  hasChannels: false,
  serves: path => path === PATH,
  async open({ connection, request, principal }) {
    if (principal === null) throw new Error('this socket is authenticated by its request')
    const query = queryOf(request)
    const wish = parseEventWish(query)
    const isTv = query.get('event') === 'tv_delta'
    const types = isTv ? new Set([WAREHOUSE]) : wish.types
    const cursor = query.get('since') || (await parts.log.now())
    const feed = new EventFeed(parts, principal, { ...wish, types }, cursor)
    const isLegacy = query.get('format') === 'legacy'
    const resets = isLegacy ? [...(types ?? parts.typeNames)].map(type => `${type}_updated`) : null
    const reader = new UpdatesReader(connection, feed, wordsFor(isLegacy, isTv), resets)
    if (query.has('hello') && !isLegacy) reader.say(textMessage(JSON.stringify({ type: 'hello', cursor })))
    void reader.run().catch(error => {
      parts.failed(error)
      connection.close('INTERNAL')
    })
    return reader
  },
})

const wordsFor = (isLegacy: boolean, isTv: boolean): Words => {
  if (isLegacy) return legacyMessages
  const lastWords = isTv ? LAST_WRAPPED : LAST
  return (event, before) => {
    const messages = messagesOfEvent(event).map(message => (isTv ? tvDelta(message) : message))
    const last = messages.pop()
    if (last === undefined) return []
    // Whoever resumes in the middle of an event gets all of it again rather than miss the rest.
    return [
      ...messages.map(message => textMessage(JSON.stringify({ ...message, cursor: before }))),
      once(lastWords, event, () => textMessage(JSON.stringify({ ...last, cursor: event.cursor }))),
    ]
  }
}

const legacyMessages: Words = event =>
  once(PLAIN, event, () => legacyWords(event).map(word => textMessage(word)))

/** Made once for all sockets that it goes to; most events are one message. */
const LAST = new WeakMap<RecordEvent, SharedMessage>()
const LAST_WRAPPED = new WeakMap<RecordEvent, SharedMessage>()
const PLAIN = new WeakMap<RecordEvent, readonly SharedMessage[]>()

const once = <T>(made: WeakMap<RecordEvent, T>, event: RecordEvent, make: () => T): T => {
  const known = made.get(event)
  if (known !== undefined) return known
  const words = make()
  made.set(event, words)
  return words
}

/** What may wait unread before no more is read from the log for this socket. */
const BACKLOG_BYTES = 256 * 1024
const BACKLOG_POLL_MS = 50

class UpdatesReader implements ConnectionHandler, Source {
  readonly channel = null
  readonly #connection: Connection
  readonly #feed: EventFeed
  readonly #words: Words
  readonly #resets: readonly string[] | null
  readonly #ended = new AbortController()

  constructor(connection: Connection, feed: EventFeed, words: Words, resets: readonly string[] | null) {
    this.#connection = connection
    this.#feed = feed
    this.#words = words
    this.#resets = resets
  }

  async run(): Promise<void> {
    const { signal } = this.#ended
    while (!signal.aborted) {
      let before = this.#feed.cursor
      const { events, reset } = await this.#feed.next(100, signal)
      if (reset) this.#sayReset()
      let hasWaited = false
      for (const event of events) {
        for (const told of hasWaited ? await this.#feed.lookAgain(event) : [event])
          for (const words of this.#words(told, before)) this.say(words)
        before = event.cursor
        if (this.#connection.outbox.backlogBytes <= BACKLOG_BYTES) continue
        await this.#drained()
        hasWaited = true
      }
    }
  }

  say(message: SharedMessage): void {
    if (!this.#ended.signal.aborted) this.#connection.outbox.send(message, this)
  }

  /** Old clients say things too (a ping, a subscription of their own); nothing here depends on it. */
  message(): void {}

  text(): void {}

  closed(): void {
    this.#ended.abort()
  }

  drained(): void {}

  #sayReset(): void {
    const { cursor } = this.#feed
    for (const text of this.#resets ?? [JSON.stringify({ type: 'reset', cursor })])
      this.say(textMessage(text))
  }

  async #drained(): Promise<void> {
    const { signal } = this.#ended
    while (!signal.aborted && this.#connection.outbox.backlogBytes > BACKLOG_BYTES) {
      await new Promise(resolve => setTimeout(resolve, BACKLOG_POLL_MS))
    }
  }
}
