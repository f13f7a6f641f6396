// Fractional positions: between any two there is a third, so that moving one entry writes one cell. Digits in
// ASCII order; a position never ends in the lowest digit, or nothing would fit before it.

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const BASE = DIGITS.length

/** A position after `low` and before `high`; '' stands for the open end on either side. */
export const positionBetween = (low: string, high: string): string => {
  let prefix = ''
  for (let i = 0; ; i++) {
    const a = low[i] === undefined ? 0 : DIGITS.indexOf(low[i] ?? '')
    const b = high === '' || high[i] === undefined ? BASE : DIGITS.indexOf(high[i] ?? '')
    if (a === b) {
      prefix += DIGITS[a]
      continue
    }
    if (b - a > 1) return prefix + DIGITS[appended(low, high, i) ? a + 1 : (a + b) >> 1]
    // The digits are neighbours: keep the lower one and go between it and the open end.
    prefix += DIGITS[a]
    return prefix + afterTail(low.slice(i + 1))
  }
}

/** At the end of a list each new position is the next digit, not the middle, or long lists would grow long keys. */
const appended = (low: string, high: string, i: number): boolean =>
  high === '' && low !== '' && i < low.length

const afterTail = (tail: string): string => {
  for (let i = 0; i < tail.length; i++) {
    const digit = DIGITS.indexOf(tail[i] ?? '')
    if (digit < BASE - 1) return tail.slice(0, i) + DIGITS[digit + 1]
  }
  return `${tail}${DIGITS[BASE >> 1]}`
}
