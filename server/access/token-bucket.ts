/**
 * So many a second, and so many at once after a pause. Refilled by the clock when asked, so an idle bucket owns
 * no timer. What does not fit takes nothing out: a client that keeps trying is let through as soon as one who
 * waited would be.
 */
export interface TokenBucket {
  take(count?: number): boolean
  /** How long until `count` would fit; 0 if it does now. */
  waitMs(count?: number): number
}

export interface BucketSize {
  perSecond: number
  burst: number
}

export function createTokenBucket({ perSecond, burst }: BucketSize, now: () => number): TokenBucket {
  if (perSecond === Infinity || burst === Infinity) return bottomless
  let level = burst
  let refilledAt = now()

  function refill(): void {
    const at = now()
    // A clock that was set back must not empty the bucket for as long as it was set back.
    level = Math.min(burst, level + (Math.max(0, at - refilledAt) / 1000) * perSecond)
    refilledAt = at
  }

  return {
    take(count = 1) {
      refill()
      if (count > level) return false
      level -= count
      return true
    },
    waitMs(count = 1) {
      refill()
      return count <= level ? 0 : Math.ceil(((Math.min(count, burst) - level) / perSecond) * 1000)
    },
  }
}

const bottomless: TokenBucket = { take: () => true, waitMs: () => 0 }
