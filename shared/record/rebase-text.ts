// Three-way merge of a text, for putting unsent edits on a doc that has forgotten the ids they were made under:
// what I changed since `base` is put onto `theirs`. A change that both sides made is taken once.

import { diffWords, type Hunk } from './diff-words.ts'
import type { TextDelta } from './journal.ts'
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
    const mine =
      myHunk === null || after.text.slice(myHunk.at, myHunk.end) === theirInsert
        ? []
        : insertsOf(after, myHunk.at, myHunk.end)
    // What I put in front of a word stays in front of what others have made of it.
    const isInFront = myHunk?.to === at && theirHunk !== null && theirHunk.to > at
    if (isInFront) ops.push(...mine)
    if (theirInsert !== '') ops.push({ retain: theirInsert.length })
    if (!isInFront) ops.push(...mine)
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

/**
 * As `diffWords`, but what was typed anew stands for nothing of the base, however alike; and what was not stood in the
 * base, and stands on.
 */
const diffTyped = (base: string, other: string, typed: Units): readonly Hunk[] => {
  if (typed.length === 0) return diffWords(base, other)
  let kept = ''
  let keptTo = 0
  for (const [from, to] of typed) {
    kept += other.slice(keptTo, from)
    keptTo = to
  }
  kept += other.slice(keptTo)
  const out: Hunk[] = []
  let next = 0
  let inserted = 0
  let shift = 0
  const takeTyped = (upTo: number): void => {
    for (let run = typed[next]; run !== undefined && run[0] - inserted < upTo; run = typed[next]) {
      const place = run[0] - inserted + shift
      out.push({ from: place, to: place, at: run[0], end: run[1] })
      inserted += run[1] - run[0]
      next++
    }
  }
  for (const { from, to, at, end } of diffWords(base, kept).flatMap(hunk => takenOutOf(base, kept, hunk))) {
    takeTyped(at)
    const start = at + inserted
    for (let run = typed[next]; run !== undefined && run[0] - inserted <= end; run = typed[next]) {
      inserted += run[1] - run[0]
      next++
    }
    out.push({ from, to, at: start, end: end + inserted })
    shift = to - end
  }
  takeTyped(Number.POSITIVE_INFINITY)
  return out
}

/**
 * Of a word that reads otherwise, what was taken out alone: «dogcat» is how a word reads whose replacement is known to
 * be there, and of it «cat» is gone. As another word it would stand there twice where others have it too.
 */
const takenOutOf = (base: string, kept: string, hunk: Hunk): Hunk[] => {
  const parts: Hunk[] = []
  const stood = base.slice(hunk.from, hunk.to)
  let { from, at } = hunk
  for (const letter of kept.slice(hunk.at, hunk.end).match(LETTERS) ?? []) {
    const found = stood.indexOf(letter, from - hunk.from)
    if (found < 0) return [hunk]
    if (hunk.from + found > from) parts.push({ from, to: hunk.from + found, at, end: at })
    from = hunk.from + found + letter.length
    at += letter.length
  }
  if (hunk.to > from) parts.push({ from, to: hunk.to, at, end: at })
  return parts
}

/** What is never cut. */
const LETTERS = /\r\n|[\s\S]/gu

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
