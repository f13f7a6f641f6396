// Three-way merge of a text, for putting unsent edits on a doc that has forgotten the ids they were made under:
// what I changed since `base` is put onto `theirs`. A change that both sides made is taken once.

import { diffWords, type Hunk, wordsOf } from './diff-words.ts'
import type { TextDelta } from './journal.ts'
import { firstEndingAfter } from './letter-places.ts'
import { sameValue } from './value.ts'

type Attributes = { readonly [key: string]: unknown }

/** A text by its runs of one format: those of megabytes too are a handful. */
interface Letters {
  /** As a diff reads it: an embed is a letter of its own. */
  readonly text: string
  readonly runs: readonly Run[]
}

interface Run {
  readonly from: number
  readonly to: number
  readonly embed: object | null
  readonly attributes: Attributes
}

export type DeltaOp =
  | { readonly retain: number; readonly attributes?: { readonly [key: string]: unknown } }
  | { readonly insert: string | object; readonly attributes?: { readonly [key: string]: unknown } }
  | { readonly delete: number }

/** UTF-16 units of a text, from and up to. */
export type Units = readonly (readonly [from: number, to: number])[]

/**
 * The delta that brings `theirs` to where it holds my changes too. What of `mine` is known to be `typed` since
 * `base` is mine, even if it says again what stood there: a diff alone would take it for what somebody deleted.
 */
export const rebaseText = (
  base: TextDelta,
  mine: TextDelta,
  theirs: TextDelta,
  typed: Units = [],
): DeltaOp[] => {
  const embeds: object[] = []
  const before = toLetters(base, embeds)
  const after = toLetters(mine, embeds)
  const { text: theirText } = toLetters(theirs, embeds)
  const my = cursorOver(diffTyped(before.text, after.text, typed))
  const their = cursorOver(diffWords(before.text, theirText))
  const ops: DeltaOp[] = []
  for (let at = 0; ; ) {
    const myHunk = my.startingAt(at)
    const theirHunk = their.startingAt(at)
    const theirInsert = theirHunk === null ? '' : theirText.slice(theirHunk.at, theirHunk.end)
    if (theirInsert !== '') ops.push({ retain: theirInsert.length })
    if (myHunk !== null && after.text.slice(myHunk.at, myHunk.end) !== theirInsert) {
      ops.push(...insertsOf(after, myHunk.at, myHunk.end))
    }
    if (at === before.text.length) break
    const end = Math.min(my.nextEdge(at), their.nextEdge(at), before.text.length)
    if (!their.isChanged(at)) {
      if (my.isChanged(at)) ops.push({ delete: end - at })
      else ops.push(...formatsOf(before, at, end, after, my.shift()))
    }
    at = end
  }
  return compact(ops)
}

/** What stands in these units of a text. */
export const unitsOf = (text: TextDelta, units: Units): TextDelta => {
  const letters = toLetters(text, [])
  return units.flatMap(([from, to]) => slice(letters, from, to))
}

/** Embeds are letters of the private use area in a diff, equal ones the same. */
const EMBED_FIRST = 0xe000

const toLetters = (delta: TextDelta, embeds: object[]): Letters => {
  const runs: Run[] = []
  let text = ''
  for (const { insert, attributes = {} } of delta) {
    const from = text.length
    text += typeof insert === 'string' ? insert : letterOf(insert, embeds)
    runs.push({ from, to: text.length, embed: typeof insert === 'string' ? null : insert, attributes })
  }
  return { text, runs }
}

const letterOf = (embed: object, embeds: object[]): string => {
  const known = embeds.findIndex(other => sameValue(other, embed))
  return String.fromCharCode(EMBED_FIRST + (known >= 0 ? known : embeds.push(embed) - 1))
}

/** The runs between two places, cut where they begin before or end behind. */
const cut = function* ({ runs }: Letters, from: number, to: number): Generator<Run> {
  if (from === to) return
  let low = 0
  let high = runs.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((runs[middle]?.to ?? 0) <= from) low = middle + 1
    else high = middle
  }
  for (let i = low; i < runs.length; i++) {
    const run = runs[i]
    if (run === undefined || run.from >= to) return
    yield { ...run, from: Math.max(run.from, from), to: Math.min(run.to, to) }
  }
}

const slice = (letters: Letters, from: number, to: number): TextDelta =>
  [...cut(letters, from, to)].map(({ from, to, embed, attributes }) => ({
    insert: embed ?? letters.text.slice(from, to),
    attributes,
  }))

const insertsOf = (letters: Letters, from: number, to: number): DeltaOp[] => [...slice(letters, from, to)]

/** What I changed of the formats of what stands on: in `after` it is so much further on. */
const formatsOf = (before: Letters, from: number, to: number, after: Letters, shift: number): DeltaOp[] =>
  [...cut(before, from, to)].flatMap(was =>
    [...cut(after, was.from + shift, was.to + shift)].map((is): DeltaOp => {
      const attributes = changedAttributes(was.attributes, is.attributes)
      const retain = is.to - is.from
      return attributes === null ? { retain } : { retain, attributes }
    }),
  )

interface HunkCursor {
  /** The hunk that begins here. To be asked at every edge, from left to right. */
  startingAt(place: number): Hunk | null
  nextEdge(place: number): number
  /** Whether what stands right of the place that was asked last is gone in the other text. */
  isChanged(place: number): boolean
  /** How much further on in the other text stands what is the same. */
  shift(): number
}

const cursorOver = (hunks: readonly Hunk[]): HunkCursor => {
  let next = 0
  let last: Hunk | null = null
  return {
    startingAt(place) {
      const hunk = hunks[next]
      if (hunk?.from !== place) return null
      next++
      last = hunk
      return hunk
    },
    nextEdge(place) {
      if (last !== null && place < last.to) return last.to
      return hunks[next]?.from ?? Number.POSITIVE_INFINITY
    },
    isChanged: place => last !== null && place < last.to,
    shift: () => (last === null ? 0 : last.end - last.to),
  }
}

/** As `diffWords`, but words that were typed anew stand for nothing of the base, however alike. */
const diffTyped = (base: string, other: string, typed: Units): readonly Hunk[] => {
  const hunks = diffWords(base, other)
  if (typed.length === 0) return hunks
  const isTyped = coveredBy(typed)
  const out: Hunk[] = []
  const takeSame = (from: number, to: number, at: number): void => {
    if (from === to || !isTyped.anyOf(at, at + to - from)) return
    let start = at
    for (const word of wordsOf(other.slice(at, at + to - from))) {
      const end = start + word.length
      if (isTyped.allOf(start, end)) {
        const shift = from - at
        const last = out.at(-1)
        // What was inserted right before it and the word are one insertion.
        const before =
          last !== undefined && last.from === last.to && last.end === start ? out.pop() : undefined
        out.push({ from: start + shift, to: end + shift, at: before?.at ?? start, end })
      }
      start = end
    }
  }
  let from = 0
  let at = 0
  for (const hunk of hunks) {
    takeSame(from, hunk.from, at)
    out.push(hunk)
    from = hunk.to
    at = hunk.end
  }
  takeSame(from, base.length, at)
  return out
}

interface Covered {
  allOf(from: number, to: number): boolean
  anyOf(from: number, to: number): boolean
}

const coveredBy = (units: Units): Covered => ({
  allOf(from, to) {
    const [start, end] = units[firstEndingAfter(units, from)] ?? [to, to]
    return start <= from && end >= to
  },
  anyOf: (from, to) => (units[firstEndingAfter(units, from)]?.[0] ?? to) < to,
})

const changedAttributes = (before: Attributes, after: Attributes): Attributes | null => {
  const changed: Record<string, unknown> = {}
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (!sameValue(before[key], after[key])) changed[key] = after[key] ?? null
  }
  return Object.keys(changed).length === 0 ? null : changed
}

const compact = (ops: readonly DeltaOp[]): DeltaOp[] => {
  const out: DeltaOp[] = []
  for (const op of ops) {
    const last = out.at(-1)
    if (last !== undefined && 'delete' in op && 'delete' in last)
      out[out.length - 1] = { delete: last.delete + op.delete }
    else if (
      last !== undefined &&
      'retain' in op &&
      'retain' in last &&
      sameValue(op.attributes, last.attributes)
    ) {
      out[out.length - 1] = { ...last, retain: last.retain + op.retain }
    } else if (
      last !== undefined &&
      'insert' in op &&
      'insert' in last &&
      typeof op.insert === 'string' &&
      typeof last.insert === 'string' &&
      sameValue(op.attributes, last.attributes)
    ) {
      out[out.length - 1] = { ...last, insert: last.insert + op.insert }
    } else out.push(op)
  }
  const end = out.at(-1)
  if (end !== undefined && 'retain' in end && end.attributes === undefined) out.pop()
  return out
}
