// What a record needs of the link: a channel to its room. A record does not know whether there is a socket, how
// many others share it, or how it came back.

import { errorCodes, isErrorCode } from '../../shared/wire/error-codes.ts'
import type { Standing } from '../../shared/wire/sync-message.ts'

export type HeldClocks = readonly (readonly [client: number, clock: number])[]

export interface ChannelEnds {
  /**
   * The client id that the doc writes under, the epoch of what it holds, and whether it is begun again on purpose
   * where one of this name was purged. Asked at every opening.
   */
  ask(): { readonly clientId: number; readonly epoch: string | null; readonly again: boolean }
  /** `held`: where an earlier epoch was asked with, how far the server held each of this person's client ids. */
  opened(standing: Standing, held: HeldClocks | null): void
  message(bytes: Uint8Array): void
  /** All who are there: who is not among these states has gone. */
  present(states: Uint8Array): void
  /** The commit number that everything taken in so far brings the record to. */
  commit(): number
  /** What is held differs from what the server sent: ask for what is missing. */
  heal(): void
  /** The socket was lost: the channel opens again by itself. */
  lost(): void
  /** The server ended this channel; unless `willRetry`, for good. */
  ended(reason: ChannelEnd): void
}

export interface ChannelEnd {
  readonly code: string
  readonly sentence: string
  readonly willRetry: boolean
}

/** Whether a channel that the server ended so opens again by itself. */
export const opensAgain = (code: string): boolean =>
  isErrorCode(code) && errorCodes[code].retry && code !== 'CLOCK_AHEAD'

export interface Channel {
  send(message: Uint8Array): void
  close(): void
}

export interface Carrier {
  /** Server time (ms) at which the server was last heard of. */
  readonly heardAt: number | null
  /** A message that is larger is not sent: the server would end what carries it, and all else with it, each time anew. */
  readonly messageBytesMax: number
  openChannel(room: string, ends: ChannelEnds): Channel
  /** Its clock was put right, or ours: what time it is there is asked now, and not with the next heartbeat. */
  askTime(): void
}
