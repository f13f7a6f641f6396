/**
 * Index keys are strings whose order by code point is the order of the values: null, false, true, numbers, text;
 * then by the next value of the key. Text ends in U+0001 and what could be taken for that is escaped, so that «a»
 * sorts before «a b» whatever follows, and no key contains the U+0000 that separates keys in a store.
 */
export type SortValue = null | boolean | number | string

export function sortKey(values: readonly SortValue[]): string {
  let key = ''
  for (const value of values) key += encodeValue(value)
  return key
}

function encodeValue(value: SortValue): string {
  if (value === null) return 'a'
  if (value === false) return 'b'
  if (value === true) return 'c'
  return typeof value === 'number' ? `d${encodeNumber(value)}` : `e${escapeText(value)}\x01`
}

const floats = new DataView(new ArrayBuffer(8))

function encodeNumber(value: number): string {
  // -0 equals 0 and must not sort before it.
  floats.setFloat64(0, value === 0 ? 0 : value)
  let high = floats.getUint32(0)
  let low = floats.getUint32(4)
  if (high >= 0x80000000) {
    high = ~high >>> 0
    low = ~low >>> 0
  } else {
    high = (high | 0x80000000) >>> 0
  }
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0')
}

function escapeText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly the control characters used as marks
  return text.replace(/[\x00-\x02]/g, mark => `\x02${mark.charCodeAt(0)}`)
}
