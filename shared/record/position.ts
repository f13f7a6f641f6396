// Fractional positions: between any two there is a third, so that moving one entry writes one cell. A position is
// a whole number and a fraction, in digits of ASCII order. The number's first letter says how many digits it has
// (a: one, b: two … upward from the middle; Z: one, Y: two … downward), so that adding at either end counts on,
// and a list of thousands keeps short positions; the fraction is what goes between neighbours. It never ends in
// the lowest digit, or nothing would fit before it.

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const LOWEST = '0'
const HIGHEST = 'z'
const FIRST = 'a0'
export const POSITION_CHARS_MAX = 256

export const isPosition = (text: string): boolean => {
  const length = wholeLength(text)
  return (
    length !== null &&
    text.length >= length &&
    text.length <= POSITION_CHARS_MAX &&
    /^[0-9A-Za-z]+$/.test(text) &&
    (text.length === length || !text.endsWith(LOWEST))
  )
}

/** So many after `low` and before `high`, in order; '' stands for the open end on either side. Null: there is no room. */
export const positionsBetween = (low: string, high: string, count: number): readonly string[] | null => {
  if (high !== '' && low >= high) return null
  const positions = spread(low, high, count)
  // Above the highest and below the lowest whole number positions count on no further.
  const isAbove = (position: string, i: number): boolean => position > (positions[i - 1] ?? low)
  const isBelow = high === '' || (positions.at(-1) ?? low) < high
  return isBelow && positions.every(isAbove) && positions.every(isPosition) ? positions : null
}

/** At an open end they count on; between two, halving keeps them short. */
const spread = (low: string, high: string, count: number): string[] => {
  if (count === 0) return []
  if (low !== '' && high !== '') {
    const middle = positionBetween(low, high)
    const before = count >> 1
    return [...spread(low, middle, before), middle, ...spread(middle, high, count - before - 1)]
  }
  const positions: string[] = []
  const isUp = high === ''
  for (let last = isUp ? low : high; positions.length < count; positions.push(last))
    last = isUp ? positionBetween(last, '') : positionBetween('', last)
  return isUp ? positions : positions.reverse()
}

/** `low` must be before `high`. */
export const positionBetween = (low: string, high: string): string => {
  const [lowWhole, lowPart] = split(low)
  const [highWhole, highPart] = split(high)
  if (lowWhole === '') {
    if (highWhole === '') return FIRST
    if (highPart !== '') return highWhole
    return step(highWhole, -1) ?? highWhole
  }
  if (highWhole === lowWhole) return lowWhole + between(lowPart, highPart)
  const next = step(lowWhole, 1)
  // Past the last whole number there is always room in the fractions.
  return next !== null && (high === '' || next < high) ? next : lowWhole + between(lowPart, '')
}

/** A fraction after `low` and before `high`, where '' is nothing below and one above. */
const between = (low: string, high: string): string => {
  let shared = ''
  for (let i = 0; ; i++) {
    const a = DIGITS.indexOf(low[i] ?? LOWEST)
    const b = high === '' ? DIGITS.length : DIGITS.indexOf(high[i] ?? LOWEST)
    if (a === b) {
      shared += DIGITS[a]
      continue
    }
    if (b - a > 1) return shared + DIGITS[(a + b) >> 1]
    // Neighbouring digits: under the higher one if it goes on, else above what follows the lower one.
    if (high.length > i + 1) return shared + DIGITS[b]
    return shared + DIGITS[a] + between(low.slice(i + 1), '')
  }
}

/** The next whole number, up or down; null past the end. */
const step = (whole: string, by: 1 | -1): string | null => {
  const turn = by === 1 ? HIGHEST : LOWEST
  const restart = by === 1 ? LOWEST : HIGHEST
  const digits = whole.slice(1).split('')
  for (let i = digits.length - 1; i >= 0; i--) {
    if (digits[i] !== turn) {
      digits[i] = DIGITS[DIGITS.indexOf(digits[i] ?? '') + by] ?? ''
      return whole.charAt(0) + digits.join('')
    }
    digits[i] = restart
  }
  const head = nextHead(whole.charAt(0), by)
  const length = head === null ? null : wholeLength(head)
  return head === null || length === null ? null : head + restart.repeat(length - 1)
}

const nextHead = (head: string, by: 1 | -1): string | null => {
  if (by === 1) return head === 'Z' ? 'a' : head === 'z' ? null : String.fromCharCode(head.charCodeAt(0) + 1)
  return head === 'a' ? 'Z' : head === 'A' ? null : String.fromCharCode(head.charCodeAt(0) - 1)
}

/** How long the whole number is, its first letter included. */
const wholeLength = (text: string): number | null => {
  const head = text.charCodeAt(0)
  if (head >= 97 && head <= 122) return head - 97 + 2
  return head >= 65 && head <= 90 ? 90 - head + 2 : null
}

const split = (position: string): [whole: string, part: string] => {
  const length = wholeLength(position) ?? 0
  return [position.slice(0, length), position.slice(length)]
}
