// The channels of a link. Each has a number while a socket carries it, and none while it waits for one; what was
// open when a socket was lost waits again by itself. Where no socket opens, the poller carries what waits.

import type { ClientControl, Closed, Opened, OpenAsk } from '../../shared/wire/link-control.ts'
import type { Surroundings } from '../surroundings.ts'
import { type Channel, type ChannelEnds, opensAgain } from './carrier.ts'
import type { PolledChannel, Poller } from './poller.ts'

export interface LinkChannelsParts {
  readonly surroundings: Pick<Surroundings, 'after'>
  readonly poller: Poller
  /** Whether there is a socket that has been welcomed. */
  isOpen(): boolean
  send(channel: number, message: Uint8Array): void
  sendControl(message: ClientControl): void
}

interface LinkChannel {
  readonly room: string
  readonly ends: ChannelEnds
  number: number
  isOpen: boolean
  polled: PolledChannel | null
  cancelRetry: (() => void) | null
}

const RETRY_CHANNEL_MS = 2_000

export class LinkChannels {
  readonly #parts: LinkChannelsParts
  readonly #byNumber = new Map<number, LinkChannel>()
  readonly #waiting = new Set<LinkChannel>()
  #nextNumber = 1
  #toOpen: LinkChannel[] = []
  #toClose: number[] = []
  #isFlushing = false
  #heals = 0

  constructor(parts: LinkChannelsParts) {
    this.#parts = parts
  }

  /** How often a record differed from the server's and was put right. */
  get heals(): number {
    return this.#heals
  }

  add(room: string, ends: ChannelEnds): Channel {
    const channel: LinkChannel = { room, ends, number: 0, isOpen: false, polled: null, cancelRetry: null }
    const { isOpen, send } = this.#parts
    this.#waitOrOpen(channel)
    return {
      send: message => {
        if (channel.polled !== null) channel.polled.queue.push(message)
        else if (channel.number !== 0 && isOpen()) send(channel.number, message)
      },
      close: () => this.#close(channel),
    }
  }

  /** A new socket, which knows of no channel yet. */
  openAll(): void {
    for (const channel of this.#waiting) this.#open(channel)
  }

  opened({ channel: number, epoch, commit, readOnly, clientId, held }: Opened): void {
    const channel = this.#byNumber.get(number)
    if (channel === undefined) return
    channel.isOpen = true
    channel.ends.opened({ epoch, commit, readOnly, clientId }, held)
  }

  roomOf(number: number): string | null {
    return this.#byNumber.get(number)?.room ?? null
  }

  message(number: number, message: Uint8Array): void {
    this.#byNumber.get(number)?.ends.message(message)
  }

  closed({ channel: number, code, sentence }: Closed): void {
    const channel = this.#byNumber.get(number)
    if (channel === undefined) return
    this.#byNumber.delete(number)
    channel.isOpen = false
    channel.number = 0
    const willRetry = opensAgain(code)
    if (willRetry) {
      channel.cancelRetry = this.#parts.surroundings.after(RETRY_CHANNEL_MS, () => {
        channel.cancelRetry = null
        this.#waitOrOpen(channel)
      })
    }
    channel.ends.ended({ code, sentence, willRetry })
  }

  /** The socket is gone. Who was on it waits for the next, and is to be told so once it is known how it goes on. */
  takeLost(): readonly ChannelEnds[] {
    const lost = [...this.#byNumber.values()]
    this.#byNumber.clear()
    this.#toOpen = []
    this.#toClose = []
    // Each socket is counted on from one; what is opened while it is being welcomed has its number already.
    this.#nextNumber = 1
    for (const channel of lost) {
      channel.number = 0
      channel.isOpen = false
      this.#waiting.add(channel)
    }
    return lost.map(({ ends }) => ends)
  }

  startPolling(): void {
    const { poller } = this.#parts
    if (poller.isRunning) return
    for (const channel of this.#waiting) channel.polled = poller.add(channel.room, channel.ends)
    poller.start()
  }

  stopPolling(): void {
    const { poller } = this.#parts
    if (!poller.isRunning) return
    for (const channel of this.#waiting) channel.polled = null
    poller.stop()
  }

  /** How far each is, for the digest that goes with the heartbeat. */
  *commits(): Generator<readonly [number: number, commit: number]> {
    for (const [number, { isOpen, ends }] of this.#byNumber) if (isOpen) yield [number, ends.commit()]
  }

  /** Asks for what is missing where the server is further. */
  compare(commits: readonly (readonly [number: number, commit: number])[]): void {
    for (const [number, commit] of commits) {
      const channel = this.#byNumber.get(number)
      if (channel === undefined || !channel.isOpen || channel.ends.commit() === commit) continue
      this.#heals++
      channel.ends.heal()
    }
  }

  askAll(): void {
    for (const { isOpen, ends } of this.#byNumber.values()) if (isOpen) ends.heal()
  }

  #waitOrOpen(channel: LinkChannel): void {
    const { poller, isOpen } = this.#parts
    this.#waiting.add(channel)
    if (isOpen()) this.#open(channel)
    else if (poller.isRunning) channel.polled = poller.add(channel.room, channel.ends)
  }

  #open(channel: LinkChannel): void {
    this.#waiting.delete(channel)
    channel.number = this.#nextNumber++
    this.#byNumber.set(channel.number, channel)
    this.#toOpen.push(channel)
    this.#flushSoon()
  }

  #close(channel: LinkChannel): void {
    this.#waiting.delete(channel)
    if (channel.polled !== null) this.#parts.poller.remove(channel.polled)
    channel.polled = null
    channel.cancelRetry?.()
    channel.cancelRetry = null
    if (channel.number === 0) return
    this.#byNumber.delete(channel.number)
    this.#toOpen = this.#toOpen.filter(one => one !== channel)
    this.#toClose.push(channel.number)
    channel.number = 0
    channel.isOpen = false
    this.#flushSoon()
  }

  /** Openings and closings of one turn go in one message. */
  #flushSoon(): void {
    if (this.#isFlushing) return
    this.#isFlushing = true
    queueMicrotask(() => {
      this.#isFlushing = false
      const { isOpen, sendControl } = this.#parts
      const opens = this.#toOpen
      const closes = this.#toClose
      this.#toOpen = []
      this.#toClose = []
      if (!isOpen()) return
      if (closes.length > 0) sendControl({ t: 'close', channels: closes })
      if (opens.length > 0) sendControl({ t: 'open', channels: opens.map(openAsk) })
    })
  }
}

const openAsk = ({ number, room, ends }: LinkChannel): OpenAsk => {
  const { clientId, epoch, again } = ends.ask()
  return {
    channel: number,
    room,
    clientId,
    ...(epoch === null ? {} : { epoch }),
    ...(again ? { again } : {}),
  }
}
