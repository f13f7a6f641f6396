// Where no socket opens: the channels of a link in requests, push and pull, every few seconds. What a record says
// on its channel waits for the next round; a round goes on until nobody has anything left to say, so that greeting,
// answer and acknowledgement do not take three intervals.

import type { Clock } from '../../shared/record/clock.ts'
import { errorCodes } from '../../shared/wire/error-codes.ts'
import {
  PUSH_PULL_TYPE,
  readSyncAnswer,
  type RecordAnswer,
  type RecordAsk,
  type SyncAnswer,
  writeSyncAsk,
} from '../../shared/wire/push-pull.ts'
import {
  MESSAGE_SYNC,
  readChannelMessage,
  writeAwareness,
  writePending,
  writeQueryAwareness,
  writeRefused,
  writeSaved,
  writeStanding,
} from '../../shared/wire/sync-message.ts'
import type { Surroundings } from '../surroundings.ts'
import { type ChannelEnds, opensAgain } from './carrier.ts'
import { patientFetch } from './patient-fetch.ts'
import { RequestProblem, requestProblem } from './request-problem.ts'
import type { TokenSource } from './token-source.ts'

export interface PollerParts {
  readonly url: string
  readonly tokens: TokenSource
  readonly clock: Clock
  readonly surroundings: Pick<Surroundings, 'fetch' | 'after'>
  readonly intervalMs: number
  /** A larger request is not taken, as far as is known. */
  messageBytesMax(): number
  /** Nor is a message of this size, alone in its request. */
  messageRefused(bytes: number): void
  /** Whether it works, or why not, changed. */
  readonly changed: () => void
  /** It worked, and does not any more. */
  readonly lost: () => void
  /** A round has ended well, and the one before had not, or there was none: whoever else has to ask may do so now. */
  readonly rounded: (isFirst: boolean) => void
}

export interface PolledChannel {
  readonly room: string
  readonly ends: ChannelEnds
  queue: Uint8Array[]
  /** Messages with an update that went in requests before: each request counts from one. */
  counted: number
  commit: number | null
  isOpen: boolean
}

interface Sending {
  readonly channel: PolledChannel
  readonly messages: readonly Uint8Array[]
  /** How many of them carry one. */
  readonly updates: number
}

/** Records in one request, what names one of them there, and requests in one round. */
const RECORDS_AT_ONCE = 500
const AROUND_RECORD_BYTES = 1024
/** Whoever does not take so much takes nothing, for another reason. */
const REQUEST_BYTES_MIN = 16 * 1024
const EXCHANGES_MAX = 8

export class Poller {
  readonly #parts: PollerParts
  readonly #channels = new Set<PolledChannel>()
  /** Those that the server could not open in this one. */
  readonly #nextRound = new Set<PolledChannel>()
  #cancel: (() => void) | null = null
  #isRunning = false
  #isWorking = false
  #trouble: { readonly code: string; readonly sentence: string } | null = null
  #round: Promise<void> | null = null
  #aborting = new AbortController()
  /** Half of what was refused, by a server or a proxy that takes less than was thought. */
  #requestBytesMax = Number.POSITIVE_INFINITY

  constructor(parts: PollerParts) {
    this.#parts = parts
  }

  get isRunning(): boolean {
    return this.#isRunning
  }

  /** The last round went through. */
  get isWorking(): boolean {
    return this.#isRunning && this.#isWorking
  }

  get trouble(): { readonly code: string; readonly sentence: string } | null {
    return this.#trouble
  }

  start(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    this.#aborting = new AbortController()
    void this.now()
  }

  stop(): void {
    if (!this.#isRunning) return
    this.#isRunning = false
    this.#isWorking = false
    this.#trouble = null
    this.#cancel?.()
    this.#cancel = null
    this.#aborting.abort()
    const channels = [...this.#channels]
    this.#channels.clear()
    for (const channel of channels) if (channel.isOpen) channel.ends.lost()
  }

  add(room: string, ends: ChannelEnds): PolledChannel {
    const channel: PolledChannel = { room, ends, queue: [], counted: 0, commit: null, isOpen: false }
    this.#channels.add(channel)
    // Whoever opens a record does not want to wait for the next round.
    if (this.#isWorking) queueMicrotask(() => void this.now())
    return channel
  }

  remove(channel: PolledChannel): void {
    this.#channels.delete(channel)
  }

  /** A round, now; or the one under way, and another after it where something new has to be said. */
  async now(): Promise<void> {
    if (!this.#isRunning) return
    if (this.#round !== null) await this.#round
    if (this.#round === null && this.#isRunning) {
      this.#cancel?.()
      this.#round = this.#goRound().finally(() => {
        this.#round = null
        if (this.#isRunning) {
          this.#cancel = this.#parts.surroundings.after(this.#parts.intervalMs, () => void this.now())
        }
      })
    }
    await this.#round
  }

  async #goRound(): Promise<void> {
    this.#nextRound.clear()
    try {
      for (const channel of this.#channels) {
        if (!channel.isOpen) continue
        channel.ends.heal()
        channel.queue.push(writeQueryAwareness())
      }
      for (let i = 0; i < EXCHANGES_MAX; i++) {
        const due = [...this.#channels].filter(channel => this.#isDue(channel))
        if (due.length === 0 && i > 0) break
        await this.#exchange(this.#take(due))
        if (!this.#isRunning) return
      }
      const isFirst = !this.#isWorking
      this.#is(true, null)
      this.#parts.rounded(isFirst)
    } catch (error) {
      if (this.#isRunning) this.#failed(error)
    }
  }

  #isDue(channel: PolledChannel): boolean {
    return channel.isOpen ? channel.queue.length > 0 : !this.#nextRound.has(channel)
  }

  /** Of what waits as much as one request takes, in its order. */
  #take(due: readonly PolledChannel[]): Sending[] {
    const bytesMax = Math.min(this.#parts.messageBytesMax(), this.#requestBytesMax)
    const taken: Sending[] = []
    let bytes = 0
    for (const channel of due.slice(0, RECORDS_AT_ONCE)) {
      let count = 0
      for (const { length } of channel.queue) {
        if (bytes > 0 && bytes + length > bytesMax) break
        bytes += length
        count++
      }
      const isAll = count === channel.queue.length
      const messages = channel.queue.splice(0, count)
      if (count > 0 || !channel.isOpen)
        taken.push({ channel, messages, updates: messages.filter(isUpdate).length })
      if (!isAll) break
      bytes += AROUND_RECORD_BYTES
    }
    return taken
  }

  async #exchange(sent: readonly Sending[]): Promise<void> {
    const asks = sent.map(({ channel, messages }): RecordAsk => {
      const { clientId, epoch, again } = channel.ends.ask()
      return {
        room: channel.room,
        clientId,
        epoch,
        commit: channel.commit,
        messages,
        ...(again ? { again } : {}),
      }
    })
    const way = sent.some(({ updates }) => updates > 0) ? 'push' : 'pull'
    const { time, records } = await this.#request(way, asks)
    this.#parts.clock.contact(time)
    if (!this.#isRunning) return
    for (const [i, { channel, messages, updates }] of sent.entries()) {
      const answer = records[i]
      if (answer === undefined || !this.#channels.has(channel)) continue
      if (answer.kind === 'later') channel.queue = [...messages, ...channel.queue]
      else this.#answered(channel, answer, updates)
    }
  }

  async #request(way: 'push' | 'pull', asks: readonly RecordAsk[]): Promise<SyncAnswer> {
    const { tokens, surroundings, url } = this.#parts
    const { token } = await tokens.get()
    // A copy, since a request wants bytes that nobody shares.
    const response = await patientFetch(surroundings, `${url}/api/sync/${way}`, {
      method: 'POST',
      headers: { 'content-type': PUSH_PULL_TYPE, authorization: `Bearer ${token}` },
      body: new Uint8Array(writeSyncAsk(asks)),
      signal: this.#aborting.signal,
    })
    if (response.status === 401) tokens.forget()
    if (response.status === 413) this.#askLess(asks)
    if (!response.ok) throw await requestProblem(response)
    // A page where one is to sign in to the house's network, say: our server is out of reach behind it.
    if (response.headers.get('content-type')?.startsWith(PUSH_PULL_TYPE) !== true)
      throw new TypeError('somebody else answered')
    const answer = readSyncAnswer(new Uint8Array(await response.arrayBuffer()))
    if (answer === null) throw new RequestProblem('BAD_VERSION', errorCodes.BAD_VERSION.sentence)
    return answer
  }

  /** The next round begins anew, with half of it, or without what was refused alone. */
  #askLess(asks: readonly RecordAsk[]): void {
    const sizes = asks.flatMap(({ messages }) => messages.map(({ length }) => length))
    const largest = Math.max(0, ...sizes)
    const bytes = sizes.reduce((sum, size) => sum + size, 0)
    if (bytes < REQUEST_BYTES_MIN) return
    if (bytes > largest) this.#requestBytesMax = Math.max(largest, bytes / 2)
    else this.#parts.messageRefused(largest)
  }

  #answered(channel: PolledChannel, answer: Exclude<RecordAnswer, { kind: 'later' }>, updates: number): void {
    const { ends } = channel
    if (answer.kind === 'closed') {
      const { code, sentence } = answer
      const willRetry = opensAgain(code)
      channel.isOpen = false
      channel.queue = []
      channel.counted = 0
      if (willRetry) this.#nextRound.add(channel)
      else this.#channels.delete(channel)
      ends.ended({ code, sentence, willRetry })
      return
    }
    const { epoch, commit, readOnly, clientId, held, messages } = answer
    const standing = { epoch, commit, readOnly, clientId }
    if (!channel.isOpen) {
      channel.isOpen = true
      channel.counted = 0
      ends.opened(standing, held)
    } else ends.message(writeStanding(standing))
    const before = channel.counted
    channel.counted += updates
    for (const bytes of messages) {
      const message = readChannelMessage(bytes)
      switch (message.kind) {
        case 'saved':
          ends.message(writeSaved({ ...message, count: before + message.count }))
          break
        case 'refused':
          ends.message(writeRefused({ ...message, number: before + message.number }))
          break
        case 'pending':
          ends.message(writePending(before + message.number))
          break
        case 'awareness':
          ends.present(message.body)
          ends.message(writeAwareness(message.body))
          break
        case 'syncStep2':
          ends.message(bytes)
          channel.commit = message.commit
          break
        default:
          ends.message(bytes)
      }
    }
  }

  /** Whether the server took what was sent is not known: every record begins again, and says all of it. */
  #failed(error: unknown): void {
    if (this.#isWorking) this.#parts.lost()
    for (const channel of this.#channels) {
      if (!channel.isOpen) continue
      channel.isOpen = false
      channel.queue = []
      channel.commit = null
      channel.ends.lost()
    }
    this.#is(false, error instanceof RequestProblem ? { code: error.code, sentence: error.message } : null)
  }

  #is(isWorking: boolean, trouble: { readonly code: string; readonly sentence: string } | null): void {
    this.#isWorking = isWorking
    this.#trouble = trouble
    this.#parts.changed()
  }
}

/** Step 2 and update carry one; step 1 does not. */
const isUpdate = (message: Uint8Array): boolean => message[0] === MESSAGE_SYNC && message[1] !== 0
