/** What the sockets have done so far, as plain numbers: counting costs nothing, and `/metrics` reads them when asked. */
export interface WireCounters {
  messagesReceived: number
  bytesReceived: number
  framesSent: number
  bytesSent: number
  /** Socket writes: frames per write say what the coalescing gains. */
  writes: number
  /** Of messages that were compressed: bytes before and after. Each message counts once, however many get it. */
  bytesBeforeCompression: number
  bytesAfterCompression: number
  /** Shared messages dropped because their reader did not read, and the resyncs that healed it. */
  messagesDropped: number
  resyncs: number
  /** Presence: states taken from their owners, frames made of them, and states dropped as too large. */
  presenceStates: number
  presenceFrames: number
  presenceTooLarge: number
  /** Differences that a link's self-check found. */
  digestsDiffering: number
  /** Sockets that were one too many, by whose number was full. */
  readonly socketsRefused: SocketsRefused
}

export interface SocketsRefused {
  address: number
  person: number
  server: number
}

export const createWireCounters = (): WireCounters => ({
  messagesReceived: 0,
  bytesReceived: 0,
  framesSent: 0,
  bytesSent: 0,
  writes: 0,
  bytesBeforeCompression: 0,
  bytesAfterCompression: 0,
  messagesDropped: 0,
  resyncs: 0,
  presenceStates: 0,
  presenceFrames: 0,
  presenceTooLarge: 0,
  digestsDiffering: 0,
  socketsRefused: { address: 0, person: 0, server: 0 },
})
