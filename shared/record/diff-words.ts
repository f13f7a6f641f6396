// Where two texts differ, by words: each word and mark is kept whole or not at all, so that of two people who both
// changed one word both words stay, and no pair of surrogates is ever cut.

/** `from` up to `to` of the one text stands as `at` up to `end` in the other; what lies between two is the same. */
export interface Hunk {
  readonly from: number
  readonly to: number
  readonly at: number
  readonly end: number
}

/** Written without spaces: what stands between two marks would be one word, and a page of it stand there twice. */
const SPACELESS =
  '[\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}]'
const LETTER = `(?!${SPACELESS})[\\p{L}\\p{N}]`
const TOKENS = new RegExp(`\\r?\\n|(?:${LETTER})+|${SPACELESS}\\p{M}*|[\\s\\S]`, 'gu')
/** A text is never cut beside one of these: it may be the midst of a word, a line's end or a pair. */
const INNER = new RegExp(`${LETTER}|[\\r\\n\\ud800-\\udfff]`, 'u')

export const wordsOf = (text: string): string[] => text.match(TOKENS) ?? []

/** In the order of the texts, which are counted in UTF-16 units. */
export const diffWords = (one: string, other: string): Hunk[] => {
  if (one === other) return []
  if (one === '' || other === '') return [{ from: 0, to: one.length, at: 0, end: other.length }]
  const { prefix, suffix } = alike(one, other)
  const left = wordsOf(one.slice(prefix, one.length - suffix))
  const right = wordsOf(other.slice(prefix, other.length - suffix))
  const leftStarts = startsOf(left, prefix)
  const rightStarts = startsOf(right, prefix)
  const differing = trim(left, right, { from: 0, to: left.length, at: 0, end: right.length })
  let { from, at } = differing
  const hunks: Hunk[] = []
  for (const [to, end] of [...anchors(left, right, differing), [differing.to, differing.end] as const]) {
    const hunk = trim(left, right, { from, to, at, end })
    if (hunk.from < hunk.to || hunk.at < hunk.end) {
      hunks.push({
        from: leftStarts[hunk.from] ?? 0,
        to: leftStarts[hunk.to] ?? 0,
        at: rightStarts[hunk.at] ?? 0,
        end: rightStarts[hunk.end] ?? 0,
      })
    }
    from = to + 1
    at = end + 1
  }
  return hunks
}

/** Without what it begins and ends with alike. */
const trim = (left: readonly string[], right: readonly string[], hunk: Hunk): Hunk => {
  let { from, to, at, end } = hunk
  while (from < to && at < end && left[from] === right[at]) {
    from++
    at++
  }
  while (from < to && at < end && left[to - 1] === right[end - 1]) {
    to--
    end--
  }
  return { from, to, at, end }
}

/** Words that are there once on both sides, the most that stand in the same order: the places to go by. */
const anchors = (
  left: readonly string[],
  right: readonly string[],
  { from, to, at, end }: Hunk,
): (readonly [number, number])[] => {
  const inRight = onceIn(right, at, end)
  const pairs: { left: number; right: number; before: number }[] = []
  /** Of all rows of so many pairs that were found, the one that ends earliest, by its last pair. */
  const rows: number[] = []
  let longest = -1
  for (const [word, place] of onceIn(left, from, to)) {
    const match = inRight.get(word) ?? -1
    if (place < 0 || match < 0) continue
    let low = 0
    let high = rows.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((pairs[rows[middle] ?? 0]?.right ?? 0) < match) low = middle + 1
      else high = middle
    }
    if (low === rows.length) longest = pairs.length
    rows[low] = pairs.push({ left: place, right: match, before: rows[low - 1] ?? -1 }) - 1
  }
  const found: (readonly [number, number])[] = []
  for (let pair = pairs[longest]; pair !== undefined; pair = pairs[pair.before]) {
    found.push([pair.left, pair.right])
  }
  return found.reverse()
}

/** Where each word stands; -1 for one that is there several times. */
const onceIn = (words: readonly string[], from: number, to: number): Map<string, number> => {
  const places = new Map<string, number>()
  for (let place = from; place < to; place++) {
    const word = words[place] ?? ''
    places.set(word, places.has(word) ? -1 : place)
  }
  return places
}

const startsOf = (words: readonly string[], from: number): number[] => {
  const starts = [from]
  let next = from
  for (const word of words) {
    next += word.length
    starts.push(next)
  }
  return starts
}

/** How far both begin, and how far they end, with the same whole words. */
const alike = (one: string, other: string): { prefix: number; suffix: number } => {
  const most = Math.min(one.length, other.length)
  let prefix = 0
  while (prefix < most && one.charCodeAt(prefix) === other.charCodeAt(prefix)) prefix++
  let suffix = 0
  while (
    suffix < most - prefix &&
    one.charCodeAt(one.length - 1 - suffix) === other.charCodeAt(other.length - 1 - suffix)
  )
    suffix++
  while (prefix > 0 && INNER.test(one.charAt(prefix - 1))) prefix--
  while (suffix > 0 && INNER.test(one.charAt(one.length - suffix))) suffix--
  return { prefix, suffix }
}
