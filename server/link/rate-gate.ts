import { createTokenBucket, type TokenBucket } from '../access/token-bucket.ts'

export interface RateLimits {
  readonly messagesPerSecond: number
  readonly updatesPerSecond: number
  readonly updateBurst: number
  readonly fullStatesPerMinute: number
}

/** Most connections never say more than this, and need no rates counted. */
const UNCOUNTED_MESSAGES = 50

/** What a connection says before any of it is counted: little beside all that it may say at once. */
export const uncountedMessages = (limits: RateLimits): number => {
  const { updateBurst, fullStatesPerMinute } = limits
  const least = Math.min(messageBurst(limits), updateBurst, fullStatesPerMinute)
  return Math.min(UNCOUNTED_MESSAGES, Math.floor(least / 10))
}

const messageBurst = ({ messagesPerSecond, updateBurst }: RateLimits): number =>
  Math.max(messagesPerSecond, updateBurst)

/** How long the next message of one connection has to wait, by what it asks of the server. */
export class RateGate {
  private readonly messages: TokenBucket
  private readonly updates: TokenBucket
  private readonly fullStates: TokenBucket
  /** Where on this socket the channel message begins: a link's frames have their channel number first. */
  private readonly hasChannels: boolean

  constructor(limits: RateLimits, hasChannels: boolean, now: () => number) {
    this.hasChannels = hasChannels
    this.messages = createTokenBucket(
      { perSecond: limits.messagesPerSecond, burst: messageBurst(limits) },
      now,
    )
    this.updates = createTokenBucket({ perSecond: limits.updatesPerSecond, burst: limits.updateBurst }, now)
    this.fullStates = createTokenBucket(
      { perSecond: limits.fullStatesPerMinute / 60, burst: limits.fullStatesPerMinute },
      now,
    )
  }

  /** 0: go on, it is counted. Otherwise it is not counted, and may be tried again after that time. */
  waitMs(message: Uint8Array): number {
    const bucket = this.bucketOf(message)
    const waitMs = Math.max(this.messages.waitMs(), bucket?.waitMs() ?? 0)
    if (waitMs > 0) return waitMs
    this.messages.take()
    bucket?.take()
    return 0
  }

  private bucketOf(message: Uint8Array): TokenBucket | null {
    let at = 0
    if (this.hasChannels) {
      if (message[0] === 0) return null
      while ((message[at] ?? 0) > 127) at++
      at++
    }
    if (message[at] !== 0) return null
    return message[at + 1] === 0 ? this.fullStates : this.updates
  }
}
