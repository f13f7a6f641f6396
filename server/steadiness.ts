/** As little as an hour hand that is put right; what a busy server is late by is less. */
const LEAP_MS_MIN = 60_000
const STEADY_AFTER_MS = 600_000

/**
 * Whether the clock of the machine has run on without a leap for ten minutes, since the start at least: by then one
 * that was wrong has been put right. A leap shows whenever it is asked, however long nobody asked.
 */
export const steadinessOf = (
  now: () => number,
  monotonic = (): number => performance.now(),
): (() => boolean) => {
  let since = monotonic()
  let ahead = now() - since
  return () => {
    const at = monotonic()
    const before = ahead
    ahead = now() - at
    if (Math.abs(ahead - before) >= LEAP_MS_MIN) since = at
    return at - since >= STEADY_AFTER_MS
  }
}
